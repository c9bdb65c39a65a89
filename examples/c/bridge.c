/*
 * bridge - a mainframe bridge: variable records, over a transport that keeps records apart.
 *
 * Usage: bridge FILE
 *
 * Two processes are joined by a SOCK_SEQPACKET socket, which stands for X.25, LU 6.2 or a message
 * queue: one message is one Exchange Buffer, without a Stream Transmission Header
 * (OFTP_FRAMING_RECORDS). The child sends FILE as a V file, a record for each line; the parent
 * gets the records back with their boundaries, and prints each as a line.
 */

#include "net.h"

#include <sys/wait.h>

#define LONGEST 4096 /* octets of a Data Exchange Buffer */

/* What both sides know of their session, the user_data of the callbacks. */
typedef struct {
    FILE *file; /* to send from */
    unsigned long records;
    int failed;
} side;

static int32_t connect_ind(oftp_session *session, const oftp_ssid *partner, void *at) {
    oftp_connect us = OFTP_CONNECT_INIT;
    strcpy(us.code, "O0013BRIDGE");
    return oftp_connect_rs(session, &us, NULL);
}

static int32_t connect_cf(oftp_session *session, const oftp_ssid *them, const oftp_agreed *agreed,
                          void *at) {
    oftp_virtual_file file = OFTP_VIRTUAL_FILE_INIT;
    strcpy(file.dsn, "RECORDS");
    strcpy(file.date, "20260101");
    strcpy(file.time, "1200000001");
    strcpy(file.destination, "O0013BRIDGE");
    strcpy(file.originator, "O0013MAINFRAME");
    file.format = OFTP_FORMAT_V;
    file.record_length = 32760;
    file.size = 1; /* an estimate is enough */
    return oftp_start_file_rq(session, &file);
}

static int32_t start_file_cf(oftp_session *session, const oftp_start_file_answer *answer,
                             void *at) {
    ((side *)at)->failed |= !answer->positive;
    return OFTP_OK;
}

/* As many records as there is room for; one that is too long goes on in the next call. */
static int32_t data_space(oftp_session *session, oftp_space *space, void *at) {
    side *this = at;
    int octet = 0;
    while (space->len < space->room && space->record_count < space->record_room &&
           (octet = getc(this->file)) != EOF) {
        if (octet == '\n') {
            space->record_ends[space->record_count++] = space->len;
        } else {
            space->octets[space->len++] = (uint8_t)octet;
        }
    }
    space->end_of_file = octet == EOF;
    return OFTP_OK;
}

static int32_t close_file_cf(oftp_session *session, const oftp_close_file_answer *answer,
                             void *at) {
    ((side *)at)->failed |= !answer->positive;
    return oftp_cd_rq(session); /* the partner ends the session */
}

static int32_t start_file_ind(oftp_session *session, const oftp_virtual_file *file, void *at) {
    if (file->format == OFTP_FORMAT_V && file->security == OFTP_SECURITY_NONE) {
        return oftp_start_file_rs(session, 0, 0);
    }
    return OFTP_PASSTHROUGH; /* refuses it */
}

/* A record ends at each of record_ends; what is behind the last goes on in the next buffer. */
static int32_t data_ind(oftp_session *session, const oftp_data *data, void *at) {
    size_t start = 0;
    for (size_t i = 0; i < data->record_count; i++) {
        fwrite(data->octets + start, 1, data->record_ends[i] - start, stdout);
        putchar('\n');
        start = data->record_ends[i];
        ((side *)at)->records++;
    }
    fwrite(data->octets + start, 1, data->len - start, stdout);
    return OFTP_OK;
}

static int32_t close_file_ind(oftp_session *session, const oftp_file_end *end, void *at) {
    side *this = at;
    this->failed |= end->reason != 0;
    fprintf(stderr, "%lu records\n", this->records);
    return end->reason == 0 ? oftp_close_file_rs(session, OFTP_NO)
                            : oftp_close_file_rs_negative(session, end->reason, end->text);
}

static int32_t abort_ind(oftp_session *session, const oftp_abort *abort, void *at) {
    fprintf(stderr, "aborted: %s\n", abort->text);
    ((side *)at)->failed = 1;
    return OFTP_OK;
}

/* One message is one Exchange Buffer: sent whole, received whole. */
static void carry(oftp_session *session, int fd) {
    static uint8_t message[LONGEST];
    for (;;) {
        const oftp_status wants = net_must(oftp_dispatch(session));
        const uint8_t *octets;
        size_t len;
        ssize_t moved;
        if (wants & OFTP_WANT_WRITE) {
            net_must(oftp_pending(session, &octets, &len));
            moved = send(fd, octets, len, MSG_NOSIGNAL); /* waits for room */
            net_must(moved < 0 ? oftp_n_rst_ind(session) : oftp_sent(session, len));
        } else if (wants & OFTP_WANT_CLOSE) {
            return;
        } else {
            struct pollfd watched = {fd, POLLIN, 0};
            if (poll(&watched, 1, net_timeout(session)) == 0) {
                net_must(oftp_tick(session, net_now_ms()));
                continue;
            }
            moved = recv(fd, message, sizeof message, 0);
            net_must(oftp_tick(session, net_now_ms()));
            net_must(moved > 0    ? oftp_n_data_ind(session, message, (size_t)moved)
                     : moved == 0 ? oftp_n_disc_ind(session)
                                  : oftp_n_rst_ind(session));
        }
    }
}

static const oftp_user_monitor monitor = {
    .struct_size = sizeof monitor,
    .connect_ind = connect_ind, .connect_cf = connect_cf, .abort_ind = abort_ind,
    .start_file_ind = start_file_ind, .start_file_cf = start_file_cf,
    .data_ind = data_ind, .data_space = data_space,
    .close_file_ind = close_file_ind, .close_file_cf = close_file_cf,
};

int main(int argc, char **argv) {
    side this = {argc == 2 ? fopen(argv[1], "rb") : NULL, 0, 0};
    oftp_config config = OFTP_CONFIG_INIT;
    oftp_connect us = OFTP_CONNECT_INIT;
    oftp_session *session;
    int ends[2], status = 0;
    pid_t child;
    if (this.file == NULL || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0) {
        fprintf(stderr, "usage: bridge FILE\n");
        return 2;
    }
    child = fork(); /* sessions are made behind it: they do not live through a fork */
    close(ends[child == 0]);
    config.framing = OFTP_FRAMING_RECORDS;
    config.buffer_size = LONGEST;
    net_must(oftp_session_new(&session, &config, &monitor, NULL, &this));
    net_must(oftp_tick(session, net_now_ms()));
    if (child == 0) {
        strcpy(us.code, "O0013MAINFRAME");
        net_must(oftp_connect_rq(session, &us));
        net_must(oftp_n_con_cf(session)); /* the connection is there already */
    } else {
        net_must(oftp_n_con_ind(session, NULL, NULL));
    }
    carry(session, ends[child != 0]);
    net_must(oftp_session_free(session));
    close(ends[child != 0]);
    if (child != 0) {
        waitpid(child, &status, 0);
    }
    return this.failed || status != 0;
}
