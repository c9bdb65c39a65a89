/*
 * event_loop - many sessions in one thread, by poll() and non-blocking sockets.
 *
 * Usage: event_loop PORT SESSIONS
 *
 * Takes files of any partner into a checksum, answers each with an EERP, and ends when so many
 * sessions are over. Every session is a small state of its own; nothing in here waits but poll().
 */

#include "net.h"

#define PLACES 256

typedef struct {
    oftp_session *session;
    uint32_t checksum;
    uint64_t octets;
    oftp_end_response response; /* for the file that came last */
} place;

static int files, failed;

/* Any caller is taken. In earnest it is looked up by its code, and its password compared. */
static int32_t connect_ind(oftp_session *session, const oftp_ssid *partner, void *user_data) {
    oftp_connect us = OFTP_CONNECT_INIT;
    strcpy(us.code, "O0013EVENTLOOP");
    strcpy(us.password, "SECRET");
    return oftp_connect_rs(session, &us, NULL);
}

static int32_t start_file_ind(oftp_session *session, const oftp_virtual_file *file, void *at) {
    place *this = at;
    if (file->format != OFTP_FORMAT_U || file->security != OFTP_SECURITY_NONE) {
        return OFTP_PASSTHROUGH; /* refuses it */
    }
    this->checksum = 2166136261u;
    this->octets = 0;
    net_must(oftp_end_response_for(file, &this->response));
    return oftp_start_file_rs(session, 0, 0);
}

static int32_t data_ind(oftp_session *session, const oftp_data *data, void *at) {
    place *this = at;
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
    net_must(oftp_close_file_rs(session, OFTP_YES)); /* we want the turn, for the response, */
    return oftp_eerp_rq(session, &this->response);   /* which goes out when it is here */
}

static int32_t rtr_cf(oftp_session *session, void *at) {
    return oftp_cd_rq(session); /* the partner has the turn again, for its next file */
}

static int32_t abort_ind(oftp_session *session, const oftp_abort *abort, void *at) {
    fprintf(stderr, "aborted with %d: %s\n", (int)abort->reason, abort->text);
    failed++;
    return OFTP_OK;
}

static const oftp_user_monitor monitor = {
    .struct_size = sizeof monitor,
    .connect_ind = connect_ind, .start_file_ind = start_file_ind, .data_ind = data_ind,
    .close_file_ind = close_file_ind, .rtr_cf = rtr_cf, .abort_ind = abort_ind,
};

/* Whether there was a call. Its session is served in the same round. */
static int accept_into(int listener, place *this, struct pollfd *watched) {
    watched->fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (watched->fd >= 0) {
        *this = (place){.response = OFTP_END_RESPONSE_INIT};
        net_must(oftp_session_new(&this->session, NULL, &monitor, NULL, this));
        net_must(oftp_n_con_ind(this->session, NULL, NULL));
        watched->revents = POLLIN;
    }
    return watched->fd >= 0;
}

int main(int argc, char **argv) {
    static place places[PLACES]; /* a session for each socket of watched; -1: a free place */
    struct pollfd watched[PLACES + 1], *const listener = &watched[PLACES];
    int open = 0, most = 0, timeout = 60000, left = argc == 3 ? atoi(argv[2]) : 0;
    memset(watched, -1, sizeof watched);
    listener->fd = left > 0 ? net_open(NULL, argv[1], 1) : -1;
    if (listener->fd < 0) {
        fprintf(stderr, "usage: event_loop PORT SESSIONS\n");
        return 2;
    }
    net_announce(listener->fd);
    while (left > 0) {
        listener->events = open < PLACES ? POLLIN : 0;
        poll(watched, PLACES + 1, timeout);
        timeout = 60000;
        for (int i = 0; i < PLACES; i++) {
            if (watched[i].fd < 0 && listener->revents != 0) {
                open += accept_into(listener->fd, &places[i], &watched[i]);
                most = open > most ? open : most;
                listener->revents = 0; /* one in each round */
            }
            if (watched[i].fd < 0) {
                continue;
            }
            if (watched[i].revents != 0 || net_timeout(places[i].session) == 0) {
                watched[i].events = net_go_on(places[i].session, watched[i].fd);
            }
            if (watched[i].events != 0) {
                const int due = net_timeout(places[i].session);
                timeout = due < timeout ? due : timeout;
            } else {
                net_must(oftp_session_free(places[i].session));
                close(watched[i].fd);
                watched[i].fd = -1;
                open--, left--;
            }
        }
    }
    printf("%d files, %d sessions failed, at most %d at once\n", files, failed, most);
    return failed != 0;
}
