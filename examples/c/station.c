/*
 * station - runs a whole station, hands it one file, and tells what happens until the file is done.
 *
 * Usage: station FOLDER PARTNER FILE
 *
 * FOLDER has an oftp.toml (`oftp init` makes one) with a [partner.PARTNER]. The station listens,
 * calls, sends, receives and answers on threads of its own; this program pulls what it tells. Ends
 * with 0 if the file is at its destination.
 */

#include <oftp.h>

#include <stdio.h>
#include <stdlib.h>

static oftp_status must(oftp_status status) {
    if (status < 0) {
        fprintf(stderr, "%s: %s\n", oftp_status_name(status), oftp_last_error());
        exit(1);
    }
    return status;
}

/* Prints an event as JSON, as `oftp events --json` does. */
static void tell(oftp_octets *json) {
    const uint8_t *text;
    size_t len;
    must(oftp_octets_get(json, &text, &len));
    printf("%.*s\n", (int)len, (const char *)text);
    must(oftp_octets_free(json));
}

int main(int argc, char **argv) {
    oftp_station_file file = OFTP_STATION_FILE_INIT;
    oftp_station_event event = OFTP_STATION_EVENT_INIT;
    oftp_station *station;
    oftp_octets *json;
    uint64_t id, seen;
    int32_t state = 0;
    if (argc != 4) {
        fprintf(stderr, "usage: station FOLDER PARTNER FILE\n");
        return 2;
    }
    must(oftp_station_open(&station, argv[1]));
    /* A host that must miss nothing would keep this number; here only what is new is of interest. */
    must(oftp_station_last_event(station, &seen));
    must(oftp_station_start(station));
    file.path = argv[3];
    must(oftp_station_submit(station, argv[2], &file, &id));
    /* 0: nothing is to happen any more with the file, once this returns 1. */
    while (must(oftp_station_wait_file(station, id, 0, &state)) == 0) {
        if (must(oftp_station_event_next(station, seen, 1000, &event, &json)) == 1) {
            seen = event.id;
            tell(json);
        }
    }
    must(oftp_station_stop(station, 5000));
    while (must(oftp_station_event_next(station, seen, 0, &event, &json)) == 1) {
        seen = event.id;
        tell(json);
    }
    must(oftp_station_free(station));
    return state != OFTP_STATE_DONE;
}
