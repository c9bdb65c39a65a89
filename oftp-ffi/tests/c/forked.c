/* A session does not live through a fork in the child, the parent's does; and a child never waits
 * for a thread that it does not have. */
#include "oftp.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t over;
static oftp_keystore *keystore;

/* Keeps places of the table in use, and takes and gives some. */
static void *busy(void *nothing)
{
    while (!over) {
        oftp_keystore *own = NULL;
        size_t keys;
        oftp_keystore_counts(keystore, &keys, NULL, NULL);
        oftp_keystore_new(&own);
        oftp_keystore_free(own);
    }
    return nothing;
}

/* In the child: told that the parent's are not its own, and able to make its own. */
static int child_of(oftp_session *session)
{
    oftp_user_monitor monitor = OFTP_USER_MONITOR_INIT;
    oftp_session *own = NULL;
    size_t keys;
    oftp_status told;
    alarm(20);
    told = oftp_tick(session, 1);
    printf("%s: %s\n", oftp_status_name(told), oftp_last_error());
    fflush(stdout);
    if (oftp_keystore_counts(keystore, &keys, NULL, NULL) != OFTP_E_FORKED)
        return 3;
    if (oftp_session_new(&own, NULL, &monitor, NULL, NULL) < 0 || oftp_tick(own, 1) < 0
        || oftp_session_free(own) < 0)
        return 2;
    return told != OFTP_E_FORKED;
}

int main(void)
{
    oftp_user_monitor monitor = OFTP_USER_MONITOR_INIT;
    oftp_session *session = NULL;
    pthread_t thread;
    int status = 0, round;
    if (oftp_session_new(&session, NULL, &monitor, NULL, NULL) < 0
        || oftp_keystore_new(&keystore) < 0)
        return 1;
    pthread_create(&thread, NULL, busy, NULL);
    for (round = 0; round < 100; round++) {
        pid_t child = fork();
        if (child == 0)
            _exit(child_of(session));
        if (waitpid(child, &status, 0) < 0 || status != 0) {
            fprintf(stderr, "round %d: the child ended with %x\n", round, (unsigned)status);
            return 3;
        }
    }
    over = 1;
    pthread_join(thread, NULL);
    if (oftp_tick(session, 2) < 0 || oftp_session_free(session) < 0)
        return 4;
    puts("the parent goes on");
    return 0;
}
