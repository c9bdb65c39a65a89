/* A program that was built with another release of the header: it fills structures that are shorter
 * or longer than those of the library. */
#include "oftp.h"

#include <stdio.h>
#include <string.h>

static int told;

static int32_t connect_ind(oftp_session *session, const oftp_ssid *partner, void *user_data)
{
    oftp_connect connect = OFTP_CONNECT_INIT;
    (void)user_data;
    strcpy(connect.code, "O0177CALLED");
    told += !strcmp(partner->code, "O0177CALLER");
    return oftp_connect_rs(session, &connect, NULL);
}

static int32_t connect_cf(oftp_session *session, const oftp_ssid *partner,
                          const oftp_agreed *agreed, void *user_data)
{
    oftp_virtual_file file = OFTP_VIRTUAL_FILE_INIT;
    (void)user_data;
    told += !strcmp(partner->code, "O0177CALLED") && agreed->level == OFTP_LEVEL_1_4
        && agreed->window == 7;
    strcpy(file.dsn, "FILE");
    strcpy(file.date, "20261126");
    strcpy(file.time, "1200000001");
    strcpy(file.destination, "O0177CALLED");
    strcpy(file.originator, "O0177CALLER");
    return oftp_start_file_rq(session, &file);
}

static int32_t start_file_ind(oftp_session *session, const oftp_virtual_file *file,
                              void *user_data)
{
    (void)user_data;
    told += !strcmp(file->dsn, "FILE");
    return oftp_start_file_rs_negative(session, OFTP_FILE_DUPLICATE, OFTP_NO, NULL);
}

static int32_t start_file_cf(oftp_session *session, const oftp_start_file_answer *answer,
                             void *user_data)
{
    (void)session, (void)user_data;
    told += !answer->positive && answer->reason == OFTP_FILE_DUPLICATE;
    return OFTP_OK;
}

int main(void)
{
    oftp_config config = OFTP_CONFIG_INIT;
    oftp_user_monitor monitor = OFTP_USER_MONITOR_INIT;
    oftp_connect connect = OFTP_CONNECT_INIT;
    oftp_session *sides[2] = {NULL, NULL};
    const uint8_t *octets;
    size_t len;
    int i, round;
    config.level = OFTP_LEVEL_1_4;
    config.window = 7;
    monitor.connect_ind = connect_ind;
    monitor.connect_cf = connect_cf;
    monitor.start_file_ind = start_file_ind;
    monitor.start_file_cf = start_file_cf;
    strcpy(connect.code, "O0177CALLER");
    for (i = 0; i < 2; i++)
        if (oftp_session_new(&sides[i], &config, &monitor, NULL, NULL) < 0)
            return puts(oftp_last_error()), 1;
    if (oftp_connect_rq(sides[0], &connect) < 0)
        return puts(oftp_last_error()), 1;
    oftp_dispatch(sides[0]);
    oftp_n_con_cf(sides[0]);
    oftp_n_con_ind(sides[1], NULL, NULL);
    for (round = 0; round < 20; round++)
        for (i = 0; i < 2; i++) {
            if (oftp_dispatch(sides[i]) < 0)
                return puts(oftp_last_error()), 1;
            while (oftp_pending(sides[i], &octets, &len) >= 0 && len) {
                oftp_n_data_ind(sides[1 - i], octets, len);
                oftp_sent(sides[i], len);
                oftp_dispatch(sides[i]);
            }
        }
    oftp_session_free(sides[0]);
    oftp_session_free(sides[1]);
    printf(told == 4 ? "all is well\n" : "%d of 4 were told\n", told);
    return told != 4;
}
