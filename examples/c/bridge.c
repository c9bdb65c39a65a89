/*
 * bridge - a mainframe bridge: variable records, over a transport that keeps records apart.
 *
 * Usage: bridge FILE
 *
 * Two processes are joined by a SOCK_SEQPACKET socket, which stands for X.25, LU 6.2 or a message
 * queue: one message is one Exchange Buffer, without a Stream Transmission Header
 * (OFTP_FRAMING_RECORDS; net_run_records). The child sends FILE as a V file, a record for each
 * line; the parent gets the records back with their boundaries, and prints each as a line. What
 * a callback returns that is less than 0 comes out of oftp_dispatch(), and ends the program here.
 */

#include "net.h"

#include <sys/wait.h>

#define LONGEST 4096 /* octets of a Data Exchange Buffer */

static FILE *source;
static unsigned long records;

static int32_t connect_ind(oftp_session *session, const oftp_ssid *partner, void *user_data) {
    oftp_connect us = OFTP_CONNECT_INIT;
    strcpy(us.code, "O0013BRIDGE");
    return oftp_connect_rs(session, &us, NULL);
}

static int32_t connect_cf(oftp_session *session, const oftp_ssid *partner,
                          const oftp_agreed *agreed, void *user_data) {
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
                             void *user_data) {
    return answer->positive ? OFTP_OK : -1;
}

/* As many records as there is room for; one that is too long goes on in the next call. */
static int32_t data_space(oftp_session *session, oftp_space *space, void *user_data) {
    int octet = 0;
    while (space->len < space->room && space->record_count < space->record_room &&
           (octet = getc(source)) != EOF) {
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
                             void *user_data) {
    return answer->positive ? oftp_cd_rq(session) : -1; /* the partner ends the session */
}

/* A record ends at each of record_ends; what is behind the last goes on in the next buffer. */
static int32_t data_ind(oftp_session *session, const oftp_data *data, void *user_data) {
    size_t start = 0;
    for (size_t i = 0; i < data->record_count; i++) {
        fwrite(data->octets + start, 1, data->record_ends[i] - start, stdout);
        putchar('\n');
        start = data->record_ends[i];
        records++;
    }
    fwrite(data->octets + start, 1, data->len - start, stdout);
    return OFTP_OK;
}

static int32_t start_file_ind(oftp_session *session, const oftp_virtual_file *file,
                              void *user_data) {
    const int taken = file->format == OFTP_FORMAT_V && file->security == OFTP_SECURITY_NONE;
    return taken ? oftp_start_file_rs(session, 0, 0) : OFTP_PASSTHROUGH; /* refuses it */
}

static int32_t close_file_ind(oftp_session *session, const oftp_file_end *end, void *user_data) {
    fprintf(stderr, "%lu records\n", records);
    return end->reason == 0 ? oftp_close_file_rs(session, OFTP_NO) : -1;
}

static int32_t abort_ind(oftp_session *session, const oftp_abort *abort, void *user_data) {
    fprintf(stderr, "aborted: %s\n", abort->text);
    return -1;
}

static const oftp_user_monitor monitor = {
    .struct_size = sizeof monitor,
    .connect_ind = connect_ind, .connect_cf = connect_cf, .abort_ind = abort_ind,
    .start_file_ind = start_file_ind, .start_file_cf = start_file_cf,
    .data_ind = data_ind, .data_space = data_space,
    .close_file_ind = close_file_ind, .close_file_cf = close_file_cf,
};

int main(int argc, char **argv) {
    oftp_config config = OFTP_CONFIG_INIT;
    oftp_connect us = OFTP_CONNECT_INIT;
    oftp_session *session;
    int ends[2], sends, failed = 0;
    source = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (source == NULL || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0) {
        fprintf(stderr, "usage: bridge FILE\n");
        return 2;
    }
    sends = fork() == 0; /* sessions are made behind it: they do not live through a fork */
    close(ends[sends]);
    config.framing = OFTP_FRAMING_RECORDS;
    config.buffer_size = LONGEST;
    net_must(oftp_session_new(&session, &config, &monitor, NULL, NULL));
    if (sends) {
        strcpy(us.code, "O0013MAINFRAME");
        net_must(oftp_connect_rq(session, &us));
        net_must(oftp_n_con_cf(session)); /* the connection is there already */
    } else {
        net_must(oftp_n_con_ind(session, NULL, NULL));
    }
    net_run_records(session, ends[!sends], LONGEST);
    net_must(oftp_session_free(session));
    if (!sends) {
        wait(&failed);
    }
    return failed != 0;
}
