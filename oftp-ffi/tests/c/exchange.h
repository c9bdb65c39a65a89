/* A whole exchange between two sessions of the library in one thread, without a network: one file
 * and its EERP, with secure authentication at level 2.0. Small enough to be run thousands of
 * times; every callback of the User Monitor is called in it. */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "oftp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDES = 2, CALLER = 0, CALLED = 1 };

/* What is done inside callbacks, for the tests that do something there. */
typedef struct {
    /* The callback in which it is done, by its number below; -1: in none. */
    int in_callback;
    /* Done once, with the session that called back. */
    void (*act)(oftp_session *session, void *context);
    void *context;
    int done;
} interference;

typedef struct {
    int32_t level;
    int32_t format;
    int32_t framing;
    int authenticate;
    /* Data are given by oftp_data_rq, octets by the network service; the answer is a NERP; EFIDRCNT
     * is 1 where it should be 0 (with push_data); another partner is expected than the one called. */
    int push_data, push_octets, negative, odd_count, wrong_partner;
    /* Credit; 0: the default. */
    uint32_t window;
    const unsigned char *content;
    size_t len;
    interference *interference;
    /* Puts other callbacks in the place of these. */
    void (*adjust)(oftp_user_monitor *monitor, int is_caller);
} exchange_plan;

typedef struct side side;
struct side {
    const exchange_plan *plan;
    oftp_session *session;
    int is_caller;
    size_t given;
    int marked;
    unsigned char *received;
    size_t received_len;
    size_t records;
    oftp_virtual_file file;
    int owes_response;
    int have_response, sent_response, stored, released, aborted;
    int callbacks;
    side *peer;
    /* n_data_rq has taken octets. */
    int moved;
    char abort_text[256];
};

/* The members of oftp_user_monitor, in their order. */
enum {
    CB_CONNECT_IND, CB_PARTNER_IND, CB_CONNECT_CF, CB_START_FILE_IND, CB_START_FILE_CF,
    CB_DATA_IND, CB_DATA_CF, CB_DATA_SPACE, CB_CLOSE_FILE_IND, CB_CLOSE_FILE_CF, CB_CD_IND,
    CB_EERP_IND, CB_NERP_IND, CB_RTR_CF, CB_RELEASE_IND, CB_ABORT_IND, CB_SEAL_CHALLENGE_IND,
    CB_OPEN_CHALLENGE_IND, CB_AUTHENTICATION_IND, CB_QUIRK_IND, CB_TRACE,
    /* And those of oftp_network_service. */
    CB_N_CON_RQ, CB_N_DATA_RQ, CB_N_DISC_RQ, CALLBACKS
};

static side *called_back(oftp_session *session, void *user_data, int which)
{
    side *self = user_data;
    interference *there = self->plan->interference;
    self->callbacks |= 1 << which;
    if (there && !there->done && there->in_callback == which) {
        there->done = 1;
        there->act(session, there->context);
    }
    return self;
}

static oftp_connect identity(const side *self)
{
    oftp_connect connect = OFTP_CONNECT_INIT;
    strcpy(connect.code, self->is_caller ? "O0177CALLER" : "O0177CALLED");
    strcpy(connect.password, self->is_caller ? "HELLO" : "WELCOME");
    connect.authentication = self->plan->authenticate ? OFTP_YES : OFTP_NO;
    if (self->is_caller) {
        strcpy(connect.partner_code,
               self->plan->wrong_partner ? "O0177ANOTHER" : "O0177CALLED");
        strcpy(connect.partner_password, "WELCOME");
    }
    return connect;
}

static int32_t on_connect_ind(oftp_session *s, const oftp_ssid *partner, void *user_data)
{
    side *self = called_back(s, user_data, CB_CONNECT_IND);
    oftp_connect connect = identity(self);
    if (strcmp(partner->code, "O0177CALLER") || strcmp(partner->password, "HELLO"))
        return oftp_release_rq(s, OFTP_ESID_INVALID_PASSWORD, NULL);
    oftp_connect_rs(s, &connect, NULL);
    return OFTP_OK;
}

static int32_t on_partner_ind(oftp_session *s, const oftp_ssid *partner, const oftp_agreed *agreed,
                              void *user_data)
{
    (void)partner, (void)agreed;
    called_back(s, user_data, CB_PARTNER_IND);
    return OFTP_OK;
}

static int32_t on_connect_cf(oftp_session *s, const oftp_ssid *partner, const oftp_agreed *agreed,
                             void *user_data)
{
    side *self = called_back(s, user_data, CB_CONNECT_CF);
    oftp_virtual_file file = OFTP_VIRTUAL_FILE_INIT;
    int is_long = agreed->level >= OFTP_LEVEL_1_4;
    (void)partner;
    strcpy(file.dsn, "CALL-OFF");
    strcpy(file.date, is_long ? "20261126" : "261126");
    strcpy(file.time, is_long ? "1200000001" : "120000");
    strcpy(file.destination, "O0177CALLED");
    strcpy(file.originator, "O0177CALLER");
    file.format = self->plan->format;
    file.record_length =
        file.format == OFTP_FORMAT_F || file.format == OFTP_FORMAT_V ? 80 : 0;
    file.size = self->plan->len / 1024 + 1;
    oftp_start_file_rq(s, &file);
    return OFTP_OK;
}

static int32_t on_start_file_ind(oftp_session *s, const oftp_virtual_file *file, void *user_data)
{
    side *self = called_back(s, user_data, CB_START_FILE_IND);
    self->file = *file;
    oftp_start_file_rs(s, 0, 0);
    return OFTP_OK;
}

/* Gives as many data as there is credit for, then the end. */
static void push(oftp_session *s, side *self)
{
    const exchange_plan *plan = self->plan;
    size_t taken;
    if (!plan->push_data)
        return;
    while (self->given < plan->len || !self->marked) {
        if (oftp_data_rq(s, plan->content + self->given, plan->len - self->given,
                         OFTP_DATA_END_OF_RECORD, &taken) < 0)
            return;
        self->given += taken;
        self->marked = self->given == plan->len;
    }
    oftp_close_file_rq(s, plan->odd_count ? 1 : OFTP_COUNTED, OFTP_COUNTED);
}

static int32_t on_start_file_cf(oftp_session *s, const oftp_start_file_answer *answer,
                                void *user_data)
{
    side *self = called_back(s, user_data, CB_START_FILE_CF);
    if (!answer->positive)
        snprintf(self->abort_text, sizeof self->abort_text, "refused: %s", answer->text);
    else
        push(s, self);
    return OFTP_OK;
}

static int32_t on_data_ind(oftp_session *s, const oftp_data *data, void *user_data)
{
    side *self = called_back(s, user_data, CB_DATA_IND);
    if (data->len > self->plan->len - self->received_len)
        return -1;
    memcpy(self->received + self->received_len, data->octets, data->len);
    self->received_len += data->len;
    self->records += data->record_count;
    return OFTP_OK;
}

static int32_t on_data_cf(oftp_session *s, void *user_data)
{
    push(s, called_back(s, user_data, CB_DATA_CF));
    return OFTP_OK;
}

static int32_t on_data_space(oftp_session *s, oftp_space *space, void *user_data)
{
    side *self = called_back(s, user_data, CB_DATA_SPACE);
    size_t left = self->plan->len - self->given, at;
    space->len = left < space->room ? left : space->room;
    memcpy(space->octets, self->plan->content + self->given, space->len);
    if (self->plan->format == OFTP_FORMAT_V)
        /* Records of 50 octets, counted from the start of the file. */
        for (at = 50 - self->given % 50; at <= space->len && space->record_count < space->record_room;
             at += 50)
            space->record_ends[space->record_count++] = at;
    self->given += space->len;
    space->end_of_file = self->given == self->plan->len;
    return OFTP_OK;
}

static int32_t on_close_file_ind(oftp_session *s, const oftp_file_end *end, void *user_data)
{
    side *self = called_back(s, user_data, CB_CLOSE_FILE_IND);
    if (end->reason) {
        oftp_close_file_rs_negative(s, end->reason, end->text);
    } else if (oftp_close_file_rs(s, OFTP_NO) >= 0) {
        self->stored = 1;
        self->owes_response = 1;
    }
    return OFTP_OK;
}

static int32_t on_close_file_cf(oftp_session *s, const oftp_close_file_answer *answer,
                                void *user_data)
{
    side *self = called_back(s, user_data, CB_CLOSE_FILE_CF);
    self->stored = answer->positive;
    oftp_cd_rq(s);
    return OFTP_OK;
}

static int32_t on_cd_ind(oftp_session *s, void *user_data)
{
    side *self = called_back(s, user_data, CB_CD_IND);
    if (self->owes_response) {
        oftp_end_response response = OFTP_END_RESPONSE_INIT;
        oftp_end_response_for(&self->file, &response);
        self->owes_response = 0;
        if (self->plan->negative) {
            response.reason = OFTP_NERP_PROCESSING_FAILURE;
            response.text = "not today";
            oftp_nerp_rq(s, &response);
        } else {
            oftp_eerp_rq(s, &response);
        }
    } else {
        oftp_release_rq(s, OFTP_ESID_NORMAL, NULL);
    }
    return OFTP_OK;
}

static int32_t on_eerp_ind(oftp_session *s, const oftp_end_response *response, void *user_data)
{
    side *self = called_back(s, user_data, CB_EERP_IND);
    self->have_response = !strcmp(response->dsn, "CALL-OFF")
        && !strcmp(response->destination, "O0177CALLER");
    oftp_rtr_rs(s);
    return OFTP_OK;
}

static int32_t on_nerp_ind(oftp_session *s, const oftp_end_response *response, void *user_data)
{
    side *self = called_back(s, user_data, CB_NERP_IND);
    self->have_response = !strcmp(response->creator, "O0177CALLED")
        /* Level 1.4 does not have the reason. */
        && response->reason == (self->plan->level == OFTP_LEVEL_2_0 ? OFTP_NERP_PROCESSING_FAILURE
                                                                    : OFTP_NERP_UNSPECIFIED);
    oftp_rtr_rs(s);
    return OFTP_OK;
}

static int32_t on_rtr_cf(oftp_session *s, void *user_data)
{
    called_back(s, user_data, CB_RTR_CF)->sent_response = 1;
    oftp_cd_rq(s);
    return OFTP_OK;
}

static int32_t on_release_ind(oftp_session *s, const char *text, void *user_data)
{
    (void)text;
    called_back(s, user_data, CB_RELEASE_IND)->released = 1;
    return OFTP_OK;
}

static int32_t on_abort_ind(oftp_session *s, const oftp_abort *abort, void *user_data)
{
    side *self = called_back(s, user_data, CB_ABORT_IND);
    self->aborted = 1;
    snprintf(self->abort_text, sizeof self->abort_text, "%d %c %s", (int)abort->reason,
             (char)abort->origin, abort->text);
    return OFTP_OK;
}

/* Sealed by turning the bits: what is tested here is the order of the primitives. */
static int32_t on_seal_challenge_ind(oftp_session *s, const char *code, void *user_data)
{
    unsigned char plain[20], sealed[20];
    int i;
    (void)code;
    called_back(s, user_data, CB_SEAL_CHALLENGE_IND);
    for (i = 0; i < 20; i++)
        sealed[i] = (unsigned char)~(plain[i] = (unsigned char)(i * 7 + 1));
    oftp_seal_challenge_rs(s, plain, sealed, sizeof sealed);
    return OFTP_OK;
}

static int32_t on_open_challenge_ind(oftp_session *s, const uint8_t *sealed, size_t len,
                                     void *user_data)
{
    unsigned char plain[20];
    size_t i;
    called_back(s, user_data, CB_OPEN_CHALLENGE_IND);
    for (i = 0; i < 20; i++)
        plain[i] = i < len ? (unsigned char)~sealed[i] : 0;
    oftp_open_challenge_rs(s, plain);
    return OFTP_OK;
}

static int32_t on_authentication_ind(oftp_session *s, void *user_data)
{
    called_back(s, user_data, CB_AUTHENTICATION_IND);
    return OFTP_OK;
}

static int32_t on_quirk_ind(oftp_session *s, const char *quirk, const char *command,
                            void *user_data)
{
    (void)quirk, (void)command;
    called_back(s, user_data, CB_QUIRK_IND);
    return OFTP_OK;
}

static int32_t on_trace(oftp_session *s, const oftp_trace *trace, void *user_data)
{
    (void)trace;
    called_back(s, user_data, CB_TRACE);
    return OFTP_OK;
}

static int32_t on_n_con_rq(oftp_session *s, void *user_data)
{
    called_back(s, user_data, CB_N_CON_RQ);
    return OFTP_OK;
}

static ptrdiff_t on_n_data_rq(oftp_session *s, const uint8_t *octets, size_t len, void *user_data)
{
    side *self = called_back(s, user_data, CB_N_DATA_RQ);
    /* What was lent must still be there, whatever has been called meanwhile. */
    if (!self->peer->session || oftp_n_data_ind(self->peer->session, octets, len) < 0)
        return -1;
    self->moved = 1;
    return (ptrdiff_t)len;
}

static int32_t on_n_disc_rq(oftp_session *s, void *user_data)
{
    called_back(s, user_data, CB_N_DISC_RQ);
    return OFTP_OK;
}

static oftp_user_monitor exchange_monitor(void)
{
    oftp_user_monitor monitor = OFTP_USER_MONITOR_INIT;
    monitor.connect_ind = on_connect_ind;
    monitor.partner_ind = on_partner_ind;
    monitor.connect_cf = on_connect_cf;
    monitor.start_file_ind = on_start_file_ind;
    monitor.start_file_cf = on_start_file_cf;
    monitor.data_ind = on_data_ind;
    monitor.data_cf = on_data_cf;
    monitor.data_space = on_data_space;
    monitor.close_file_ind = on_close_file_ind;
    monitor.close_file_cf = on_close_file_cf;
    monitor.cd_ind = on_cd_ind;
    monitor.eerp_ind = on_eerp_ind;
    monitor.nerp_ind = on_nerp_ind;
    monitor.rtr_cf = on_rtr_cf;
    monitor.release_ind = on_release_ind;
    monitor.abort_ind = on_abort_ind;
    monitor.seal_challenge_ind = on_seal_challenge_ind;
    monitor.open_challenge_ind = on_open_challenge_ind;
    monitor.authentication_ind = on_authentication_ind;
    monitor.quirk_ind = on_quirk_ind;
    monitor.trace = on_trace;
    return monitor;
}

/* Moves what one side has to send to the other. */
static int exchange_carry(side *from, side *to)
{
    const uint8_t *octets;
    size_t len;
    int moved = from->moved;
    from->moved = 0;
    while (oftp_pending(from->session, &octets, &len) >= 0 && len > 0) {
        oftp_n_data_ind(to->session, octets, len);
        oftp_sent(from->session, len);
        moved = 1;
    }
    return moved;
}

/* Runs an exchange until nothing moves any more. 0: both sides ended it normally and have what
 * they should. The sessions are left to the caller, for exchange_free. */
static int exchange_run_on(side sides[SIDES], const exchange_plan *plan)
{
    oftp_config config = OFTP_CONFIG_INIT;
    oftp_user_monitor monitor;
    oftp_network_service network = OFTP_NETWORK_SERVICE_INIT;
    oftp_connect connect;
    int i, moved, told[SIDES] = {0, 0}, rounds = 0;
    int32_t wants[SIDES];
    network.n_con_rq = on_n_con_rq;
    network.n_data_rq = on_n_data_rq;
    network.n_disc_rq = on_n_disc_rq;
    config.level = plan->level;
    config.framing = plan->framing;
    config.window = plan->window;
    for (i = 0; i < SIDES; i++) {
        side *self = &sides[i];
        memset(self, 0, sizeof *self);
        self->plan = plan;
        self->is_caller = i == CALLER;
        self->peer = &sides[1 - i];
        monitor = exchange_monitor();
        if (plan->push_data)
            monitor.data_space = NULL;
        self->received = malloc(plan->len + 1);
        if (plan->adjust)
            plan->adjust(&monitor, self->is_caller);
        if (!self->received
            || oftp_session_new(&self->session, &config, &monitor,
                                plan->push_octets ? &network : NULL, self) < 0)
            return -1;
        oftp_tick(self->session, 1);
    }
    connect = identity(&sides[CALLER]);
    if (oftp_connect_rq(sides[CALLER].session, &connect) < 0)
        return -2;
    do {
        moved = 0;
        for (i = 0; i < SIDES; i++) {
            wants[i] = oftp_dispatch(sides[i].session);
            if (wants[i] < 0)
                wants[i] = oftp_wants(sides[i].session);
            if (wants[i] < 0)
                return -3;
            if (wants[i] & OFTP_WANT_CONNECT) {
                oftp_n_con_ind(sides[CALLED].session, "127.0.0.1:3305", "127.0.0.1:4711");
                oftp_n_con_cf(sides[CALLER].session);
                moved = 1;
            }
            moved |= exchange_carry(&sides[i], &sides[1 - i]);
            if ((wants[i] & OFTP_WANT_CLOSE) && !told[i]) {
                told[i] = 1;
                oftp_n_disc_ind(sides[1 - i].session);
                moved = 1;
            }
            moved |= (oftp_wants(sides[i].session) & OFTP_WANT_DISPATCH) != 0;
        }
    } while (moved && ++rounds < 10000);
    return sides[CALLER].stored && sides[CALLED].stored && sides[CALLER].have_response
            && sides[CALLED].sent_response && sides[CALLED].received_len == plan->len
            && !memcmp(sides[CALLED].received, plan->content, plan->len)
        ? 0
        : 1;
}

static void exchange_free(side sides[SIDES])
{
    int i;
    for (i = 0; i < SIDES; i++) {
        oftp_session_free(sides[i].session);
        free(sides[i].received);
    }
}

static int exchange_run(const exchange_plan *plan)
{
    side sides[SIDES];
    int result = exchange_run_on(sides, plan);
    if (result)
        fprintf(stderr, "exchange %d: caller %s; called %s\n", result,
                sides[CALLER].abort_text, sides[CALLED].abort_text);
    exchange_free(sides);
    return result;
}

#endif
