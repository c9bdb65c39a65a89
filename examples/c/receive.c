/*
 * Answers one call, stores what comes in a folder, and sends End to End Responses.
 *
 *   receive PORT OUR-CODE OUR-PASSWORD THEIR-CODE THEIR-PASSWORD FOLDER
 *
 * Port 0: any; the port is printed first. Exit code 0: the session ended as it should, and at
 * least one End to End Response has been taken. cc -o receive receive.c -loftp
 */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "oftp.h"

static int failed(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, oftp_last_error());
    return 1;
}

static int on_up(oftp_mailbox *mailbox, const char *partner, const oftp_agreed *agreed,
                 void *user_data)
{
    (void)mailbox, (void)user_data;
    printf("%s called, buffers of %u octets\n", partner, (unsigned)agreed->buffer_size);
    return OFTP_OK;
}

static int on_received(oftp_mailbox *mailbox, const oftp_virtual_file *file, const char *path,
                       void *user_data)
{
    (void)mailbox, (void)user_data;
    printf("%s from %s lies in %s\n", file->dsn, file->originator, path);
    return OFTP_OK;
}

static int on_turned_away(oftp_mailbox *mailbox, const oftp_virtual_file *file, const char *answer,
                          int32_t reason, const char *text, void *user_data)
{
    (void)mailbox, (void)user_data;
    printf("%s from %s is not here: %s %d %s\n", file->dsn, file->originator, answer, (int)reason,
           text);
    return OFTP_OK;
}

static int on_warning(oftp_mailbox *mailbox, const char *text, void *user_data)
{
    (void)mailbox, (void)user_data;
    fprintf(stderr, "%s\n", text);
    return OFTP_OK;
}

/* The next caller of this port. */
static int answer_on(const char *port)
{
    struct sockaddr_in address = {0};
    socklen_t len = sizeof address;
    int on = 1, fd = -1, listener = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)atoi(port));
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, len) == 0 && listen(listener, 1) == 0
        && getsockname(listener, (struct sockaddr *)&address, &len) == 0) {
        printf("port %u\n", (unsigned)ntohs(address.sin_port));
        fflush(stdout);
        fd = accept(listener, NULL, NULL);
    }
    close(listener);
    return fd;
}

int main(int argc, char **argv)
{
    oftp_mailbox_config config = OFTP_MAILBOX_CONFIG_INIT;
    oftp_mailbox_events events = OFTP_MAILBOX_EVENTS_INIT;
    oftp_partner partner = OFTP_PARTNER_INIT;
    oftp_result result = OFTP_RESULT_INIT;
    oftp_mailbox *mailbox;
    int fd;

    if (argc != 7) {
        fprintf(stderr, "receive PORT OUR-CODE OUR-PASSWORD CODE PASSWORD FOLDER\n");
        return 2;
    }
    config.code = argv[2];
    config.password = argv[3];
    events.up = on_up;
    events.file_received = on_received;
    events.file_turned_away = on_turned_away;
    events.warning = on_warning;
    if (oftp_mailbox_new(&mailbox, &config, &events, NULL) < 0)
        return failed("mailbox");
    partner.code = argv[4];
    partner.password = argv[5];
    if (oftp_mailbox_add_partner(mailbox, &partner) < 0
        || oftp_mailbox_receive_into(mailbox, argv[6]) < 0 || oftp_mailbox_answer(mailbox) < 0)
        return failed("setting up");
    if ((fd = answer_on(argv[1])) < 0) {
        perror("port");
        return 1;
    }
    if (oftp_run_fd(mailbox, fd, NULL, &result) < 0)
        return failed("session");
    close(fd);
    printf("%s\n", result.text);
    fd = result.ending != OFTP_ENDING_NORMAL || result.responses_sent == 0;
    oftp_mailbox_free(mailbox);
    return fd;
}
