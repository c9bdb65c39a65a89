/*
 * receive - answers one call, stores what comes in a folder, and sends End to End Responses.
 *
 * Usage: receive PORT OUR-CODE OUR-PASSWORD THEIR-CODE THEIR-PASSWORD FOLDER
 *
 * A mailbox does all that the protocol asks for; the callbacks only tell. With OFTP_OWN_KEYS (a
 * file with our private key and its certificate) and OFTP_CERTIFICATES (a file of the partner's) in
 * the environment it is TLS. Ends with 0 if the session ended as it should and at least one End to
 * End Response was taken.
 */

#include "net.h"

static int32_t up(oftp_mailbox *mailbox, const char *partner, const oftp_agreed *agreed,
                  void *user_data) {
    printf("%s called, buffers of %u octets\n", partner, (unsigned)agreed->buffer_size);
    return OFTP_OK;
}

static int32_t file_received(oftp_mailbox *mailbox, const oftp_virtual_file *file,
                             const char *path, void *user_data) {
    printf("%s from %s lies in %s\n", file->dsn, file->originator, path);
    return OFTP_OK;
}

static int32_t file_turned_away(oftp_mailbox *mailbox, const oftp_virtual_file *file,
                                const char *answer, int32_t reason, const char *text,
                                void *user_data) {
    printf("%s from %s is not here: ", file->dsn, file->originator);
    if (*answer) { /* we have said so to the partner */
        printf("%s %d, ", answer, (int)reason);
    }
    printf("%s\n", text);
    return OFTP_OK;
}

static int32_t warning(oftp_mailbox *mailbox, const char *text, void *user_data) {
    fprintf(stderr, "%s\n", text);
    return OFTP_OK;
}

int main(int argc, char **argv) {
    oftp_mailbox_config config = OFTP_MAILBOX_CONFIG_INIT;
    oftp_mailbox_events events = OFTP_MAILBOX_EVENTS_INIT;
    oftp_partner partner = OFTP_PARTNER_INIT;
    oftp_tls tls = OFTP_TLS_INIT;
    oftp_result result = OFTP_RESULT_INIT;
    oftp_mailbox *mailbox;
    int listener, fd;
    if (argc != 7) {
        fprintf(stderr, "usage: receive PORT OUR-CODE OUR-PASSWORD CODE PASSWORD FOLDER\n");
        return 2;
    }
    config.code = argv[2];
    config.password = argv[3];
    config.own_keys = getenv("OFTP_OWN_KEYS");
    config.passphrase = getenv("OFTP_PASSPHRASE");
    events.up = up;
    events.file_received = file_received;
    events.file_turned_away = file_turned_away;
    events.warning = warning;
    net_must(oftp_mailbox_new(&mailbox, &config, &events, NULL));
    partner.code = argv[4];
    partner.password = argv[5];
    partner.certificates = getenv("OFTP_CERTIFICATES");
    partner.tls = config.own_keys != NULL ? OFTP_YES : OFTP_NO;
    net_must(oftp_mailbox_add_partner(mailbox, &partner));
    net_must(oftp_mailbox_receive_into(mailbox, argv[6]));
    net_must(oftp_mailbox_answer(mailbox));
    listener = net_open(NULL, argv[1], 1);
    net_announce(listener);
    fd = accept(listener, NULL, NULL);
    if (fd < 0) {
        perror(argv[1]);
        return 1;
    }
    net_must(oftp_run_fd(mailbox, fd, config.own_keys != NULL ? &tls : NULL, &result));
    close(fd);
    printf("%s\n", result.text);
    net_must(oftp_mailbox_free(mailbox));
    return result.ending != OFTP_ENDING_NORMAL || result.responses_sent == 0;
}
