// receive - takes one call, and what files the partner has, into a folder.
//
// Usage: receive PORT FOLDER
//
// C++17 with oftp.hpp: the User Monitor is a class, and what its methods throw comes out of
// dispatch(). Files get running numbers as names: what a partner calls them selects no path.

#include <oftp.hpp>

#include "../c/net.h"
#include "run.hpp"

#include <fstream>
#include <iostream>

class Receiver : public Side {
public:
    explicit Receiver(std::string folder) : folder_(std::move(folder)) {}

    // In earnest the code is looked up, and the password compared.
    oftp_status connect_ind(oftp::SessionRef session, const oftp_ssid &partner) override {
        std::cout << "call of " << partner.code << std::endl;
        session.connect_rs(identity("O0013RECEIVER"));
        return OFTP_OK;
    }

    oftp_status start_file_ind(oftp::SessionRef session, const oftp_virtual_file &file) override {
        if (file.format != OFTP_FORMAT_U || file.security != OFTP_SECURITY_NONE) {
            return OFTP_PASSTHROUGH; // refuses it
        }
        name_ = folder_ + "/" + std::to_string(++count_);
        out_.open(name_, std::ios::binary | std::ios::trunc);
        if (!out_) {
            throw std::runtime_error("cannot write " + name_);
        }
        response_ = oftp::end_response_for(file);
        session.start_file_rs();
        return OFTP_OK;
    }

    oftp_status data_ind(oftp::SessionRef, oftp::bytes octets,
                         oftp::span<const std::size_t>) override {
        if (!out_.write(oftp::as_text(octets).data(),
                        static_cast<std::streamsize>(octets.size()))) {
            throw std::runtime_error("cannot write " + name_);
        }
        return OFTP_OK;
    }

    // In earnest the file is made safe by fsync() before it is confirmed.
    oftp_status close_file_ind(oftp::SessionRef session, const oftp_file_end &end) override {
        out_.close();
        if (end.reason != 0 || !out_) {
            session.close_file_rs_negative(end.reason != 0 ? end.reason
                                                           : OFTP_FILE_ACCESS_METHOD_FAILURE);
            return OFTP_OK;
        }
        std::cout << response_.dsn << ": " << end.octets << " octets to " << name_ << std::endl;
        session.close_file_rs(OFTP_YES); // we want the turn, for the response,
        session.eerp_rq(response_);      // which goes out when it is here
        return OFTP_OK;
    }

    oftp_status rtr_cf(oftp::SessionRef session) override {
        session.cd_rq(); // the partner has the turn again, for its next file
        return OFTP_OK;
    }

private:
    std::string folder_, name_;
    std::ofstream out_;
    oftp::EndResponse response_;
    int count_ = 0;
};

int main(int argc, char **argv) try {
    if (argc != 3) {
        std::cerr << "usage: receive PORT FOLDER\n";
        return 2;
    }
    const int listener = net_open(nullptr, argv[1], 1);
    net_announce(listener);
    Receiver receiver(argv[2]);
    oftp::Session session(receiver);
    const Socket socket(accept(listener, nullptr, nullptr));
    session.n_con_ind();
    run(session, socket);
    return receiver.failed() ? 1 : 0;
} catch (const std::exception &error) {
    std::cerr << error.what() << std::endl;
    return 1;
}
