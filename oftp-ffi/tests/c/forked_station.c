/* A station that runs does not live through a fork in the child, and the parent's goes on. */
#include "oftp.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    oftp_station *station = NULL;
    int status = 0;
    pid_t child;
    if (argc != 2 || oftp_station_open(&station, argv[1]) < 0 || oftp_station_start(station) < 0) {
        puts(oftp_last_error());
        return 1;
    }
    child = fork();
    if (child == 0) {
        alarm(20);
        _exit(oftp_station_stop(station, 0) != OFTP_E_FORKED
              || oftp_station_free(station) != OFTP_E_FORKED);
    }
    if (waitpid(child, &status, 0) < 0 || status != 0) {
        fprintf(stderr, "the child ended with %x\n", (unsigned)status);
        return 2;
    }
    if (oftp_station_is_running(station) != 1 || oftp_station_free(station) < 0)
        return 3;
    puts("the parent goes on");
    return 0;
}
