/*
 * send - sends files to a partner and waits for their End to End Responses.
 *
 * Usage: send HOST PORT OUR-CODE OUR-PASSWORD THEIR-CODE THEIR-PASSWORD FILE...
 *
 * A mailbox does all that the protocol asks for; the callbacks only tell. With OFTP_OWN_KEYS (a
 * file with our private key and its certificate) and OFTP_CERTIFICATES (a file of the partner's) in
 * the environment it is TLS. Ends with 0 if every file is at its destination.
 */

#include "net.h"

static int32_t file_sent(oftp_mailbox *mailbox, uint64_t id, void *user_data) {
    printf("file %llu is stored by the partner\n", (unsigned long long)id);
    return OFTP_OK;
}

static int32_t file_refused(oftp_mailbox *mailbox, uint64_t id, const char *answer, int32_t reason,
                            int32_t retry_later, const char *text, void *user_data) {
    printf("file %llu is refused: %s %d %s%s\n", (unsigned long long)id, answer, (int)reason, text,
           retry_later ? " (is tried again in the next session)" : "");
    return OFTP_OK;
}

static int32_t response_received(oftp_mailbox *mailbox, uint64_t id,
                                 const oftp_end_response *response, int32_t negative,
                                 int32_t proof, const char *text, void *user_data) {
    printf("file %llu has its %s for %s %s\n", (unsigned long long)id, negative ? "NERP" : "EERP",
           response->dsn, text);
    return OFTP_OK;
}

/* The n-th file, by a name that no other has: dataset name, and when it was made. */
static oftp_virtual_file name(int n, const char *originator, const char *destination) {
    oftp_virtual_file file = OFTP_VIRTUAL_FILE_INIT;
    const time_t now = time(NULL);
    snprintf(file.dsn, sizeof file.dsn, "FILE%d", n);
    strftime(file.date, sizeof file.date, "%Y%m%d", localtime(&now));
    strftime(file.time, 7, "%H%M%S", localtime(&now));
    snprintf(file.time + 6, 5, "%04u", (unsigned)n % 10000);
    snprintf(file.originator, sizeof file.originator, "%s", originator);
    snprintf(file.destination, sizeof file.destination, "%s", destination);
    return file;
}

int main(int argc, char **argv) {
    oftp_mailbox_config config = OFTP_MAILBOX_CONFIG_INIT;
    oftp_mailbox_events events = OFTP_MAILBOX_EVENTS_INIT;
    oftp_partner partner = OFTP_PARTNER_INIT;
    oftp_tls tls = OFTP_TLS_INIT; /* host NULL: the partner's own certificates count, no others */
    oftp_result result = OFTP_RESULT_INIT;
    oftp_mailbox *mailbox;
    int fd;
    if (argc < 8) {
        fprintf(stderr, "usage: send HOST PORT OUR-CODE OUR-PASSWORD CODE PASSWORD FILE...\n");
        return 2;
    }
    config.code = argv[3];
    config.password = argv[4];
    config.own_keys = getenv("OFTP_OWN_KEYS");
    config.passphrase = getenv("OFTP_PASSPHRASE");
    events.file_sent = file_sent;
    events.file_refused = file_refused;
    events.response_received = response_received;
    net_must(oftp_mailbox_new(&mailbox, &config, &events, NULL));
    partner.code = argv[5];
    partner.password = argv[6];
    partner.certificates = getenv("OFTP_CERTIFICATES");
    net_must(oftp_mailbox_add_partner(mailbox, &partner));
    for (int i = 7; i < argc; i++) {
        const oftp_virtual_file file = name(i - 6, argv[3], argv[5]);
        net_must(oftp_mailbox_send_file(mailbox, NULL, &file, argv[i], NULL));
    }
    fd = net_open(argv[1], argv[2], 0);
    if (fd < 0) {
        perror(argv[1]);
        return 1;
    }
    net_must(oftp_mailbox_call(mailbox, argv[5]));
    net_must(oftp_run_fd(mailbox, fd, config.own_keys != NULL ? &tls : NULL, &result));
    close(fd);
    printf("%s\n", result.text);
    net_must(oftp_mailbox_free(mailbox));
    return result.files_delivered != (uint64_t)argc - 7;
}
