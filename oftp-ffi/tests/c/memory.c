/* Memory that is not there is an error where its size is the host's or the partner's, and the
 * object lives on. */
#include "oftp.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#define LEN ((size_t)256 << 20)

int main(void)
{
    oftp_mailbox_config config = OFTP_MAILBOX_CONFIG_INIT;
    oftp_mailbox_events events = OFTP_MAILBOX_EVENTS_INIT;
    oftp_partner partner = OFTP_PARTNER_INIT;
    oftp_virtual_file file = OFTP_VIRTUAL_FILE_INIT;
    oftp_mailbox *mailbox = NULL;
    struct rlimit whole, little;
    oftp_status status;
    void *octets = mmap(NULL, LEN, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    config.code = "OALPHA";
    partner.code = "OBETA";
    strcpy(file.dsn, "LARGE");
    strcpy(file.date, "20261126");
    strcpy(file.time, "1200000001");
    strcpy(file.originator, "OALPHA");
    strcpy(file.destination, "OBETA");
    if (octets == MAP_FAILED || oftp_mailbox_new(&mailbox, &config, &events, NULL) < 0
        || oftp_mailbox_add_partner(mailbox, &partner) < 0)
        return puts(oftp_last_error()), 1;
    getrlimit(RLIMIT_AS, &whole);
    little = whole;
    little.rlim_cur = LEN + ((size_t)192 << 20);
    setrlimit(RLIMIT_AS, &little);
    status = oftp_mailbox_send_memory(mailbox, NULL, &file, octets, LEN, NULL);
    setrlimit(RLIMIT_AS, &whole);
    printf("%s: %s\n", oftp_status_name(status), oftp_last_error());
    if (status != OFTP_E_MEMORY)
        return 2;
    /* With memory it goes. */
    if (oftp_mailbox_send_memory(mailbox, NULL, &file, octets, LEN, NULL) < 0)
        return puts(oftp_last_error()), 3;
    return oftp_mailbox_free(mailbox) < 0;
}
