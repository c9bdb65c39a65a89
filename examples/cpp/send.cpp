// send - calls a partner, sends it files, and waits for their end responses.
//
// Usage: send HOST PORT FILE...
//
// C++17 with oftp.hpp. Once it has sent a file the partner may take the turn (F_CLOSE_FILE_CF
// without `speaker`) and gives it back by F_CD_IND; with all responses the session ends.

#include <oftp.hpp>

#include "../c/net.h"
#include "run.hpp"

#include <deque>
#include <fstream>
#include <iostream>

class Sender : public Side {
public:
    explicit Sender(std::deque<std::string> files) : files_(std::move(files)) {}

    /// Whether every file has arrived.
    bool done() const { return files_.empty() && waiting_ == 0 && !failed(); }

    oftp_status connect_cf(oftp::SessionRef session, const oftp_ssid &partner,
                           const oftp_agreed &) override {
        std::cout << "connected with " << partner.code << std::endl;
        return next(session);
    }

    oftp_status start_file_cf(oftp::SessionRef session,
                              const oftp_start_file_answer &answer) override {
        return answer.positive != 0 ? OFTP_OK : not_taken(session, answer.text);
    }

    // Called once the file is taken, and again until it has ended.
    oftp_status data_space(oftp::SessionRef, oftp_space &space) override {
        in_.read(reinterpret_cast<char *>(space.octets), static_cast<std::streamsize>(space.room));
        if (in_.bad()) {
            throw std::runtime_error("cannot read " + files_.front());
        }
        space.len = static_cast<std::size_t>(in_.gcount());
        space.end_of_file = in_.eof() ? 1 : 0;
        return OFTP_OK;
    }

    oftp_status close_file_cf(oftp::SessionRef session,
                              const oftp_close_file_answer &answer) override {
        if (answer.positive == 0) {
            return not_taken(session, answer.text);
        }
        waiting_++;
        files_.pop_front();
        return answer.speaker != 0 ? next(session) : OFTP_OK;
    }

    oftp_status cd_ind(oftp::SessionRef session) override {
        if (files_.empty()) {
            session.release_rq(OFTP_ESID_NORMAL);
            return OFTP_OK;
        }
        return next(session);
    }

    oftp_status eerp_ind(oftp::SessionRef session, const oftp_end_response &response) override {
        std::cout << response.dsn << " has arrived" << std::endl;
        waiting_--;
        session.rtr_rs();
        return OFTP_OK;
    }

private:
    oftp_status not_taken(oftp::SessionRef session, const char *why) {
        std::cerr << files_.front() << " is not taken: " << why << std::endl;
        failed_ = true;
        files_.pop_front();
        return next(session);
    }

    /// We have the turn: the next file, or the turn for the partner's responses.
    oftp_status next(oftp::SessionRef session) {
        if (files_.empty()) {
            session.cd_rq();
            return OFTP_OK;
        }
        in_ = std::ifstream(files_.front(), std::ios::binary | std::ios::ate);
        if (!in_) {
            throw std::runtime_error("cannot read " + files_.front());
        }
        oftp::VirtualFile file;
        oftp::set(file.dsn, "FILE." + std::to_string(++count_));
        oftp::set(file.date, "20260101"); // in earnest those of the file
        oftp::set(file.time, "1200000001");
        oftp::set(file.destination, "O0013RECEIVER");
        oftp::set(file.originator, "O0013SENDER");
        file.size = (static_cast<std::uint64_t>(in_.tellg()) + 1023) / 1024;
        in_.seekg(0);
        session.start_file_rq(file);
        return OFTP_OK;
    }

    std::deque<std::string> files_;
    std::ifstream in_;
    int count_ = 0, waiting_ = 0;
};

int main(int argc, char **argv) try {
    if (argc < 4) {
        std::cerr << "usage: send HOST PORT FILE...\n";
        return 2;
    }
    auto sender = std::make_shared<Sender>(std::deque<std::string>(argv + 3, argv + argc));
    oftp::Session session(sender);
    session.connect_rq(identity("O0013SENDER"));
    const Socket socket(net_open(argv[1], argv[2], 0));
    session.n_con_cf();
    run(session, socket);
    return sender->done() ? 0 : 1;
} catch (const std::exception &error) {
    std::cerr << error.what() << std::endl;
    return 1;
}
