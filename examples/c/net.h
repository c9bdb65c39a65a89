/*
 * net.h - the sockets that the examples share. Nothing of it is part of liboftp.
 */

#ifndef OFTP_EXAMPLES_NET_H
#define OFTP_EXAMPLES_NET_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

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

/* Milliseconds for poll() until a session's deadline, at most a minute. */
static inline int net_timeout(oftp_session *session) {
    const uint64_t now = net_now_ms();
    uint64_t at;
    net_must(oftp_deadline(session, &at));
    return at <= now ? 0 : at - now < 60000 ? (int)(at - now) : 60000;
}

/*
 * Runs a session and moves its octets, as far as that goes without waiting. Returns what to
 * poll() the socket for, or 0 when the connection is over: close it, and free the session.
 */
static inline short net_go_on(oftp_session *session, int fd) {
    net_must(oftp_tick(session, net_now_ms()));
    for (;;) {
        const oftp_status wants = net_must(oftp_dispatch(session));
        const uint8_t *octets;
        uint8_t *space;
        size_t len;
        ssize_t moved = -1;
        errno = EAGAIN; /* where nothing is wanted of the network */
        if (wants & OFTP_WANT_WRITE) {
            net_must(oftp_pending(session, &octets, &len));
            moved = send(fd, octets, len, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (moved > 0) {
                net_must(oftp_sent(session, (size_t)moved));
                continue;
            }
        } else if (wants & OFTP_WANT_CLOSE) {
            return 0;
        }
        if (moved < 0 && wants & OFTP_WANT_READ) {
            net_must(oftp_receive_space(session, &space, &len));
            moved = recv(fd, space, len, MSG_DONTWAIT);
            if (moved > 0) {
                net_must(oftp_received(session, (size_t)moved));
                continue;
            }
        }
        if (moved == 0) {
            net_must(oftp_n_disc_ind(session)); /* the partner has closed */
        } else if (errno == EAGAIN || errno == EINTR) {
            return (short)((wants & OFTP_WANT_READ ? POLLIN : 0) |
                           (wants & OFTP_WANT_WRITE ? POLLOUT : 0));
        } else {
            net_must(oftp_n_rst_ind(session));
        }
    }
}

/* Runs one session on its socket until the connection is over. */
static inline void net_run(oftp_session *session, int fd) {
    struct pollfd watched = {fd, 0, 0};
    while ((watched.events = net_go_on(session, fd)) != 0) {
        poll(&watched, 1, net_timeout(session));
    }
}

/* The same on a socket that keeps messages apart (OFTP_FRAMING_RECORDS): one message is one
 * Exchange Buffer, sent whole and received whole. `longest` is the session's buffer_size. */
static inline void net_run_records(oftp_session *session, int fd, size_t longest) {
    uint8_t *const message = (uint8_t *)malloc(longest);
    oftp_status wants;
    net_must(oftp_tick(session, net_now_ms()));
    while (wants = net_must(oftp_dispatch(session)),
           (wants & OFTP_WANT_WRITE) || !(wants & OFTP_WANT_CLOSE)) {
        struct pollfd watched = {fd, POLLIN, 0};
        const uint8_t *octets;
        size_t len;
        ssize_t moved;
        if (wants & OFTP_WANT_WRITE) {
            net_must(oftp_pending(session, &octets, &len));
            moved = send(fd, octets, len, MSG_NOSIGNAL); /* waits for room */
            net_must(moved < 0 ? oftp_n_rst_ind(session) : oftp_sent(session, len));
        } else if (poll(&watched, 1, net_timeout(session)) == 0) {
            net_must(oftp_tick(session, net_now_ms()));
        } else {
            moved = recv(fd, message, longest, 0);
            net_must(oftp_tick(session, net_now_ms()));
            net_must(moved > 0    ? oftp_n_data_ind(session, message, (size_t)moved)
                     : moved == 0 ? oftp_n_disc_ind(session)
                                  : oftp_n_rst_ind(session));
        }
    }
    free(message);
}

#endif
