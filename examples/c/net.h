/*
 * net.h - the TCP that the examples share. Nothing of it is part of liboftp.
 */

#ifndef OFTP_EXAMPLES_NET_H
#define OFTP_EXAMPLES_NET_H

#include <oftp.h>

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/* Ends the program where a call to the library fails: for what cannot fail but by a mistake. */
static inline oftp_status net_must(oftp_status status) {
    if (status < 0) {
        fprintf(stderr, "%s: %s\n", oftp_status_name(status), oftp_last_error());
        exit(1);
    }
    return status;
}

/* The clock of oftp_tick. */
static inline uint64_t net_now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Connects to host:port, or listens on it. The socket, or -1 with errno. */
static inline int net_open(const char *host, const char *port, int listening) {
    struct addrinfo hints, *found = NULL, *each;
    int fd = -1;
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = listening ? AI_PASSIVE : 0;
    if (getaddrinfo(host, port, &hints, &found) != 0) {
        errno = EADDRNOTAVAIL;
        return -1;
    }
    for (each = found; each != NULL && fd < 0; each = each->ai_next) {
        const int on = 1;
        fd = socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, each->ai_protocol);
        if (fd < 0) {
            continue;
        }
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (listening ? bind(fd, each->ai_addr, each->ai_addrlen) != 0 || listen(fd, 128) != 0
                      : connect(fd, each->ai_addr, each->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    return fd;
}

/* Says on standard output where a listening socket listens: with port 0 the system has chosen. */
static inline void net_announce(int fd) {
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    char port[16] = "?";
    getsockname(fd, (struct sockaddr *)&address, &len);
    getnameinfo((struct sockaddr *)&address, len, NULL, 0, port, sizeof port, NI_NUMERICSERV);
    printf("listening on port %s\n", port);
    fflush(stdout);
}

/* Waits for a socket until the session's deadline. What poll() found, 0 at the deadline. */
static inline int net_wait(oftp_session *session, int fd, short events) {
    struct pollfd watched;
    uint64_t at, now = net_now_ms();
    int timeout = -1;
    net_must(oftp_deadline(session, &at));
    if (at != UINT64_MAX) {
        const uint64_t left = at > now ? at - now : 0;
        timeout = left < 60000 ? (int)left : 60000;
    }
    watched.fd = fd;
    watched.events = events;
    watched.revents = 0;
    return poll(&watched, 1, timeout) > 0 ? watched.revents : 0;
}

/*
 * Moves octets between a session and its socket, as far as that goes without waiting, after
 * oftp_dispatch has returned `wants`. Returns 0 once the connection is over.
 */
static inline int net_move(oftp_session *session, int fd, oftp_status wants) {
    const uint8_t *octets;
    uint8_t *space;
    size_t len;
    ssize_t moved;
    net_must(oftp_tick(session, net_now_ms()));
    while (net_must(oftp_pending(session, &octets, &len)), len > 0) {
        moved = send(fd, octets, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (moved < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                net_must(oftp_n_rst_ind(session));
            }
            return 1;
        }
        net_must(oftp_sent(session, (size_t)moved));
    }
    if (wants & OFTP_WANT_CLOSE) {
        return 0;
    }
    if (wants & OFTP_WANT_READ) {
        net_must(oftp_receive_space(session, &space, &len));
        moved = recv(fd, space, len, MSG_DONTWAIT);
        if (moved > 0) {
            net_must(oftp_received(session, (size_t)moved));
        } else if (moved == 0) {
            net_must(oftp_n_disc_ind(session));
        } else if (errno != EAGAIN && errno != EINTR) {
            net_must(oftp_n_rst_ind(session));
        }
    }
    return 1;
}

/* What to poll() a socket for. */
static inline short net_events(oftp_status wants) {
    return (short)((wants & OFTP_WANT_READ ? POLLIN : 0) |
                   (wants & OFTP_WANT_WRITE ? POLLOUT : 0));
}

#endif
