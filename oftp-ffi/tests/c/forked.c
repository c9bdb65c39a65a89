/* A session does not live through a fork in the child; the parent's does. */
#include "oftp.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    oftp_user_monitor monitor = OFTP_USER_MONITOR_INIT;
    oftp_session *session = NULL, *own = NULL;
    pid_t child;
    int status = 0;
    if (oftp_session_new(&session, NULL, &monitor, NULL, NULL) < 0)
        return 1;
    child = fork();
    if (child == 0) {
        oftp_status told = oftp_tick(session, 1);
        printf("%s: %s\n", oftp_status_name(told), oftp_last_error());
        fflush(stdout);
        /* It can make its own. */
        if (oftp_session_new(&own, NULL, &monitor, NULL, NULL) < 0 || oftp_tick(own, 1) < 0
            || oftp_session_free(own) < 0)
            _exit(2);
        _exit(told != OFTP_E_FORKED);
    }
    if (waitpid(child, &status, 0) < 0 || status != 0)
        return 3;
    if (oftp_tick(session, 2) < 0 || oftp_session_free(session) < 0)
        return 4;
    puts("the parent goes on");
    return 0;
}
