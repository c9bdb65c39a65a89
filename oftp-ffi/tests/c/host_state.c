/* What belongs to the host stays as it was through a whole exchange: the actions of its signals, its
 * locale, and errno. */
#include "exchange.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>

enum { SIGNALS = 65 };

/* What is done at a signal; SIG_ERR: there is no such one. */
static void (*action(int number))(int)
{
    struct sigaction now;
    return sigaction(number, NULL, &now) ? SIG_ERR : now.sa_handler;
}

int main(void)
{
    static const unsigned char content[] = "what is sent";
    void (*before[SIGNALS])(int);
    exchange_plan plan = {0};
    char locale[256];
    int number;
    for (number = 1; number < SIGNALS; number++)
        before[number] = action(number);
    setlocale(LC_ALL, "");
    snprintf(locale, sizeof locale, "%s", setlocale(LC_ALL, NULL));
    plan.level = OFTP_LEVEL_2_0;
    plan.format = OFTP_FORMAT_U;
    plan.authenticate = 1;
    plan.content = content;
    plan.len = sizeof content;
    errno = 1234;
    if (exchange_run(&plan))
        return 1;
    /* And a call that fails within the system. */
    oftp_keystore *keystore = NULL;
    if (oftp_keystore_new(&keystore) < 0
        || oftp_keystore_add_file(keystore, "/nowhere/at/all", NULL) >= 0)
        return 2;
    oftp_keystore_free(keystore);
    if (errno != 1234) {
        fprintf(stderr, "errno is %d\n", errno);
        return 3;
    }
    for (number = 1; number < SIGNALS; number++)
        if (action(number) != before[number]) {
            fprintf(stderr, "signal %d has another action\n", number);
            return 4;
        }
    if (strcmp(locale, setlocale(LC_ALL, NULL)) != 0)
        return 5;
    puts("the host is as it was");
    return 0;
}
