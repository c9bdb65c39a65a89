/*
 * Sends files to a partner and waits for their End to End Responses.
 *
 *   send HOST PORT OUR-CODE OUR-PASSWORD THEIR-CODE THEIR-PASSWORD FILE...
 *
 * Exit code 0: every file is at its destination. cc -o send send.c -loftp
 */
#define _POSIX_C_SOURCE 200809L
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "oftp.h"

static int failed(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, oftp_last_error());
    return 1;
}

static int on_sent(oftp_mailbox *mailbox, uint64_t id, void *user_data)
{
    (void)mailbox, (void)user_data;
    printf("file %llu is stored by the partner\n", (unsigned long long)id);
    return OFTP_OK;
}

static int on_refused(oftp_mailbox *mailbox, uint64_t id, const char *answer, int32_t reason,
                      int32_t retry_later, const char *text, void *user_data)
{
    (void)mailbox, (void)user_data;
    printf("file %llu is refused: %s %d %s%s\n", (unsigned long long)id, answer, (int)reason, text,
           retry_later ? " (may be tried again)" : "");
    return OFTP_OK;
}

static int on_response(oftp_mailbox *mailbox, uint64_t id, const oftp_end_response *response,
                       int32_t negative, int32_t proof, const char *text, void *user_data)
{
    (void)mailbox, (void)user_data, (void)proof;
    printf("file %llu has its %s for %s %s\n", (unsigned long long)id, negative ? "NERP" : "EERP",
           response->dsn, text);
    return OFTP_OK;
}

static int connect_to(const char *host, const char *port)
{
    struct addrinfo hints = {0}, *all, *one;
    int fd = -1;

    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(host, port, &hints, &all) != 0)
        return -1;
    for (one = all; one != NULL && fd < 0; one = one->ai_next) {
        fd = socket(one->ai_family, one->ai_socktype, one->ai_protocol);
        if (fd >= 0 && connect(fd, one->ai_addr, one->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(all);
    return fd;
}

int main(int argc, char **argv)
{
    oftp_mailbox_config config = OFTP_MAILBOX_CONFIG_INIT;
    oftp_mailbox_events events = OFTP_MAILBOX_EVENTS_INIT;
    oftp_partner partner = OFTP_PARTNER_INIT;
    oftp_result result = OFTP_RESULT_INIT;
    oftp_mailbox *mailbox;
    time_t now = time(NULL);
    int fd, i;

    if (argc < 8) {
        fprintf(stderr, "send HOST PORT OUR-CODE OUR-PASSWORD CODE PASSWORD FILE...\n");
        return 2;
    }
    config.code = argv[3];
    config.password = argv[4];
    events.file_sent = on_sent;
    events.file_refused = on_refused;
    events.response_received = on_response;
    if (oftp_mailbox_new(&mailbox, &config, &events, NULL) < 0)
        return failed("mailbox");
    partner.code = argv[5];
    partner.password = argv[6];
    if (oftp_mailbox_add_partner(mailbox, &partner) < 0)
        return failed("partner");
    for (i = 7; i < argc; i++) {
        oftp_virtual_file file = OFTP_VIRTUAL_FILE_INIT;

        snprintf(file.dsn, sizeof file.dsn, "FILE%d", i - 6);
        strftime(file.date, sizeof file.date, "%Y%m%d", localtime(&now));
        strftime(file.time, 7, "%H%M%S", localtime(&now));
        snprintf(file.time + 6, 5, "%04u", (unsigned)i % 10000);
        snprintf(file.originator, sizeof file.originator, "%s", argv[3]);
        snprintf(file.destination, sizeof file.destination, "%s", argv[5]);
        if (oftp_mailbox_send_file(mailbox, NULL, &file, argv[i], NULL) < 0)
            return failed(argv[i]);
    }
    if ((fd = connect_to(argv[1], argv[2])) < 0) {
        fprintf(stderr, "%s port %s cannot be reached\n", argv[1], argv[2]);
        return 1;
    }
    if (oftp_mailbox_call(mailbox, argv[5]) < 0
        || oftp_run_fd(mailbox, fd, NULL, &result) < 0)
        return failed("session");
    close(fd);
    printf("%s\n", result.text);
    i = result.files_delivered != (uint64_t)(argc - 7);
    oftp_mailbox_free(mailbox);
    return i;
}
