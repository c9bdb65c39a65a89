// Calls a partner on this host a hundred times at once, in one thread, and sends one file in each
// session. No file is offered before every session is up: so they are open at the same time.
//
// Usage: hundred PORT SESSIONS

#include <oftp.hpp>

#include "../../../examples/c/net.h"

#include <cstdio>
#include <deque>
#include <string>
#include <vector>

struct Caller : oftp::UserMonitor {
    std::string content;
    std::size_t given = 0;
    bool up = false, arrived = false, failed = false;

    oftp_status connect_cf(oftp::SessionRef, const oftp_ssid &, const oftp_agreed &) override {
        up = true; // the file is offered later, outside
        return OFTP_OK;
    }
    oftp_status start_file_cf(oftp::SessionRef, const oftp_start_file_answer &answer) override {
        failed |= answer.positive == 0;
        return OFTP_OK;
    }
    oftp_status data_space(oftp::SessionRef, oftp_space &space) override {
        space.len = content.copy(reinterpret_cast<char *>(space.octets), space.room, given);
        given += space.len;
        space.end_of_file = given == content.size();
        return OFTP_OK;
    }
    oftp_status close_file_cf(oftp::SessionRef, const oftp_close_file_answer &answer) override {
        failed |= answer.positive == 0;
        return OFTP_OK;
    }
    oftp_status eerp_ind(oftp::SessionRef session, const oftp_end_response &) override {
        arrived = true;
        session.rtr_rs();
        return OFTP_OK;
    }
    oftp_status abort_ind(oftp::SessionRef, const oftp_abort &abort) override {
        std::fprintf(stderr, "aborted: %s\n", abort.text);
        failed = true;
        return OFTP_OK;
    }
};

int main(int argc, char **argv) {
    const std::size_t count = argc == 3 ? std::stoul(argv[2]) : 0;
    std::deque<Caller> callers(count);
    std::vector<oftp::Session> sessions;
    std::vector<pollfd> watched;
    for (std::size_t i = 0; i < count; i++) {
        callers[i].content.assign(1000 * i, static_cast<char>('a' + i % 26));
        sessions.emplace_back(callers[i]);
        oftp::Connect us;
        oftp::set(us.code, "O0013CALLER");
        sessions[i].connect_rq(us);
        watched.push_back({net_open("127.0.0.1", argv[1], 0), POLLIN, 0});
        if (watched[i].fd < 0) {
            std::perror("connect");
            return 1;
        }
        sessions[i].n_con_cf();
        watched[i].events = net_go_on(sessions[i].capi(), watched[i].fd);
    }
    bool offered = false;
    for (std::size_t open = count; open > 0;) {
        poll(watched.data(), watched.size(), 60000);
        std::size_t up = 0;
        for (std::size_t i = 0; i < count; i++) {
            if (watched[i].revents != 0) {
                watched[i].events = net_go_on(sessions[i].capi(), watched[i].fd);
            }
            if (watched[i].fd >= 0 && watched[i].events == 0) {
                close(watched[i].fd);
                watched[i].fd = -1;
                open--;
            }
            up += callers[i].up ? 1 : 0;
        }
        for (std::size_t i = 0; i < count && up == count && !offered; i++) {
            oftp::VirtualFile file;
            oftp::set(file.dsn, "FILE." + std::to_string(i));
            oftp::set(file.date, "20260101");
            oftp::set(file.time, "1200000001");
            oftp::set(file.destination, "O0013EVENTLOOP");
            oftp::set(file.originator, "O0013CALLER");
            sessions[i].start_file_rq(file);
            watched[i].events = net_go_on(sessions[i].capi(), watched[i].fd);
        }
        offered |= up == count;
    }
    std::size_t arrived = 0;
    for (const Caller &caller : callers) {
        arrived += caller.arrived && !caller.failed ? 1 : 0;
    }
    std::printf("%zu of %zu arrived\n", arrived, count);
    return arrived == count ? 0 : 1;
}
