/* A host that has an SQLite of its own, and a station of this library: each keeps its own. */
#include <oftp.h>

#include <stdio.h>
#include <stdlib.h>

/* Whoever of the library calls these has met the host's. */
const char *sqlite3_libversion(void) { return "the host's"; }
int sqlite3_open_v2(const char *name, void **out, int flags, const char *vfs)
{
    (void)name, (void)out, (void)flags, (void)vfs;
    puts("the station uses the SQLite of the host");
    exit(2);
}

int main(int argc, char **argv)
{
    oftp_station *station = NULL;
    if (argc != 2 || oftp_station_open(&station, argv[1]) < 0) {
        puts(oftp_last_error());
        return 1;
    }
    if (sqlite3_libversion()[0] != 't')
        return 3;
    oftp_station_free(station);
    puts("the host keeps its own SQLite");
    return 0;
}
