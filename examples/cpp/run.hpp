// run.hpp - what both sides share: a session on a connected TCP socket, and its failure.

#ifndef OFTP_EXAMPLES_RUN_HPP
#define OFTP_EXAMPLES_RUN_HPP

#include <oftp.hpp>

#include <algorithm>
#include <cerrno>
#include <iostream>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

/// A socket and its owner.
class Socket {
public:
    explicit Socket(int fd) : fd_(fd) {
        if (fd < 0) {
            throw std::system_error(errno, std::generic_category(), "no connection");
        }
    }
    ~Socket() { close(fd_); }
    Socket(const Socket &) = delete;
    Socket &operator=(const Socket &) = delete;
    int fd() const { return fd_; }

private:
    int fd_;
};

/// Who we are.
inline oftp::Connect identity(const char *code) {
    oftp::Connect us;
    oftp::set(us.code, code);
    oftp::set(us.password, "SECRET");
    return us;
}

/// A User Monitor that knows whether something has failed.
class Side : public oftp::UserMonitor {
public:
    bool failed() const { return failed_; }

    oftp_status abort_ind(oftp::SessionRef, const oftp_abort &abort) override {
        std::cerr << "aborted: " << abort.text << std::endl;
        failed_ = true;
        return OFTP_OK;
    }

protected:
    bool failed_ = false;
};

/// Waits until the socket is ready, or the session's deadline. What poll() found.
inline short wait_for(const oftp::Session &session, const Socket &socket, oftp::Wants wants) {
    using std::chrono::milliseconds;
    pollfd watched{socket.fd(), 0, 0};
    watched.events =
        static_cast<short>((wants.read() ? POLLIN : 0) | (wants.write() ? POLLOUT : 0));
    int timeout = -1;
    if (const auto at = session.deadline()) {
        const auto left = *at - oftp::Session::clock::now();
        timeout = static_cast<int>(
            std::chrono::duration_cast<milliseconds>(std::max(left, left.zero())).count()) + 1;
    }
    poll(&watched, 1, timeout);
    session.tick();
    return watched.revents;
}

/// Runs a session until its connection is over. What the User Monitor throws comes out of here.
inline void run(oftp::Session &session, const Socket &socket) {
    session.tick();
    for (;;) {
        const oftp::Wants wants = session.dispatch();
        if (wants.close() && !wants.write()) {
            return;
        }
        const short ready = wait_for(session, socket, wants);
        if ((ready & (POLLOUT | POLLERR)) != 0) {
            const oftp::bytes octets = session.pending();
            const auto sent = send(socket.fd(), octets.data(), octets.size(), MSG_NOSIGNAL);
            sent < 0 ? session.n_rst_ind() : session.sent(static_cast<std::size_t>(sent));
        } else if ((ready & (POLLIN | POLLHUP)) != 0) {
            const oftp::span<std::uint8_t> space = session.receive_space();
            const auto came = recv(socket.fd(), space.data(), space.size(), 0);
            if (came > 0) {
                session.received(static_cast<std::size_t>(came));
            } else {
                came == 0 ? session.n_disc_ind() : session.n_rst_ind();
            }
        }
    }
}

#endif
