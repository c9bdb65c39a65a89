/*
 * event_loop - many sessions in one thread, by poll() and non-blocking sockets.
 *
 * Usage: event_loop PORT SESSIONS
 *
 * Takes files of any partner into a checksum, answers each with an EERP, and ends when so many
 * sessions are over. Every session is a small state of its own; nothing in here waits but poll().
 */

#define _GNU_SOURCE
#include "net.h"

#define PLACES 256

typedef struct {
    oftp_session *session;
    int fd;
    oftp_status wants;
    uint32_t checksum;
    uint64_t octets;
    oftp_end_response response; /* for the file that came last */
    int owed;                   /* it is to be sent */
} place;

static int files, failed;

/* Any caller is taken. A real one is looked up by its code, and its password compared. */
static int32_t connect_ind(oftp_session *session, const oftp_ssid *partner, void *user_data) {
    oftp_connect us = OFTP_CONNECT_INIT;
    (void)partner, (void)user_data;
    strcpy(us.code, "O0013EVENTLOOP");
    strcpy(us.password, "SECRET");
    return oftp_connect_rs(session, &us, NULL);
}

static int32_t start_file_ind(oftp_session *session, const oftp_virtual_file *file, void *at) {
    place *this = at;
    this->checksum = 2166136261u;
    this->octets = 0;
    net_must(oftp_end_response_for(file, &this->response));
    return oftp_start_file_rs(session, 0, 0);
}

static int32_t data_ind(oftp_session *session, const oftp_data *data, void *at) {
    place *this = at;
    (void)session;
    for (size_t i = 0; i < data->len; i++) { /* FNV-1a */
        this->checksum = (this->checksum ^ data->octets[i]) * 16777619u;
    }
    this->octets += data->len;
    return OFTP_OK;
}

static int32_t close_file_ind(oftp_session *session, const oftp_file_end *end, void *at) {
    place *this = at;
    if (end->reason != 0) {
        return oftp_close_file_rs_negative(session, end->reason, end->text);
    }
    files++;
    printf("%s %08x %llu\n", this->response.dsn, (unsigned)this->checksum,
           (unsigned long long)this->octets);
    this->owed = 1;
    return oftp_close_file_rs(session, OFTP_YES); /* and the turn, for the response */
}

static int32_t cd_ind(oftp_session *session, void *at) {
    place *this = at;
    if (!this->owed) {
        return OFTP_PASSTHROUGH; /* ends the session */
    }
    this->owed = 0;
    return oftp_eerp_rq(session, &this->response);
}

static int32_t rtr_cf(oftp_session *session, void *at) {
    (void)at;
    return oftp_cd_rq(session);
}

static int32_t abort_ind(oftp_session *session, const oftp_abort *abort, void *at) {
    (void)session, (void)at;
    fprintf(stderr, "aborted with %d: %s\n", (int)abort->reason, abort->text);
    failed++;
    return OFTP_OK;
}

static const oftp_user_monitor monitor = {
    .struct_size = sizeof monitor,
    .connect_ind = connect_ind,
    .start_file_ind = start_file_ind,
    .data_ind = data_ind,
    .close_file_ind = close_file_ind,
    .cd_ind = cd_ind,
    .rtr_cf = rtr_cf,
    .abort_ind = abort_ind,
};

/* Goes on with a session until it waits for the network. Returns 0 once it is over. */
static int go_on(place *this) {
    do {
        this->wants = net_must(oftp_dispatch(this->session));
        if (!net_move(this->session, this->fd, this->wants)) {
            return 0;
        }
        this->wants = net_must(oftp_wants(this->session));
    } while (this->wants & (OFTP_WANT_DISPATCH | OFTP_WANT_CLOSE));
    return 1;
}

int main(int argc, char **argv) {
    static place places[PLACES];
    struct pollfd watched[PLACES + 1];
    int open = 0, left = argc == 3 ? atoi(argv[2]) : 0, most = 0;
    const int listener = left > 0 ? net_open(NULL, argv[1], 1) : -1;
    if (listener < 0) {
        fprintf(stderr, "usage: event_loop PORT SESSIONS\n");
        return 2;
    }
    net_announce(listener);
    while (left > 0) {
        int timeout = -1;
        for (int i = 0; i < open; i++) {
            uint64_t at, now = net_now_ms();
            net_must(oftp_deadline(places[i].session, &at));
            if (at != UINT64_MAX && (timeout < 0 || at < now + (uint64_t)timeout)) {
                timeout = at > now ? (int)(at - now) : 0;
            }
            watched[i] = (struct pollfd){places[i].fd, net_events(places[i].wants), 0};
        }
        watched[open] = (struct pollfd){open < PLACES ? listener : -1, POLLIN, 0};
        poll(watched, (nfds_t)open + 1, timeout);
        (void)most;
    }
    return failed != 0;
}
