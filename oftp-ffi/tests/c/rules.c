/* Rules of sessions that a host can break, one scenario each. */
#include "exchange.h"

static int wrong;
static const unsigned char ten[] = "abcdefghij";

static void expect(int holds, const char *what)
{
    if (!holds) {
        printf("%s: %s\n", what, oftp_last_error());
        wrong++;
    }
}

/* What the scenarios leave behind. */
static size_t ends[8], end_count;
static int asked, told_status, refused_reason, aborts;

static int32_t keep_ends(oftp_session *s, const oftp_data *data, void *user_data)
{
    side *self = user_data;
    size_t i;
    for (i = 0; i < data->record_count && end_count < 8; i++)
        ends[end_count++] = self->received_len + data->record_ends[i];
    return on_data_ind(s, data, user_data);
}

static exchange_plan plan_of(int32_t format, void (*adjust)(oftp_user_monitor *, int))
{
    exchange_plan plan = {0};
    plan.level = OFTP_LEVEL_2_0;
    plan.format = format;
    plan.content = ten;
    plan.len = 10;
    plan.adjust = adjust;
    wrong += end_count > 8;
    asked = told_status = refused_reason = aborts = 0;
    end_count = 0;
    return plan;
}

/* 1. Of an answer that is wrong nothing is kept. */
static int32_t first_wrong(oftp_session *s, oftp_space *space, void *user_data)
{
    (void)s, (void)user_data;
    memcpy(space->octets, ten, 10);
    space->len = 10;
    space->end_of_file = 1;
    if (asked++ == 0) {
        space->record_ends[0] = 5;
        space->record_ends[1] = 3;
        space->record_count = 2;
    } else {
        space->record_ends[0] = 10;
        space->record_count = 1;
    }
    return OFTP_OK;
}

static void with_first_wrong(oftp_user_monitor *monitor, int is_caller)
{
    if (is_caller)
        monitor->data_space = first_wrong;
    else
        monitor->data_ind = keep_ends;
}

static void answers_are_taken_whole_or_not_at_all(void)
{
    exchange_plan plan = plan_of(OFTP_FORMAT_V, with_first_wrong);
    expect(exchange_run(&plan) == 0, "a wrong answer, then a right one");
    expect(asked == 2 && end_count == 1 && ends[0] == 10, "one record arrives");
}

/* 2. A record that the file may not have is refused where it is given. */
static int32_t too_long(oftp_session *s, oftp_space *space, void *user_data)
{
    (void)s, (void)user_data;
    memset(space->octets, 'x', 200);
    space->len = asked++ == 0 ? 200 : 80;
    space->record_ends[0] = space->len;
    space->record_count = 1;
    space->end_of_file = 1;
    return OFTP_OK;
}

static void with_too_long(oftp_user_monitor *monitor, int is_caller)
{
    if (is_caller)
        monitor->data_space = too_long;
}

static int32_t push_wrong(oftp_session *s, const oftp_start_file_answer *answer, void *user_data)
{
    size_t taken = 0;
    (void)answer, (void)user_data;
    told_status = oftp_data_rq(s, ten, 10, OFTP_DATA_END_OF_RECORD, &taken);
    return OFTP_OK;
}

static void with_push_wrong(oftp_user_monitor *monitor, int is_caller)
{
    if (is_caller) {
        monitor->start_file_cf = push_wrong;
        monitor->data_space = NULL;
    }
}

static void records_have_their_length(void)
{
    static unsigned char content[80];
    side sides[SIDES];
    exchange_plan plan = plan_of(OFTP_FORMAT_V, with_too_long);
    memset(content, 'x', sizeof content);
    plan.content = content;
    plan.len = sizeof content;
    expect(exchange_run(&plan) == 0 && asked == 2, "a V record that is too long");
    plan = plan_of(OFTP_FORMAT_F, with_push_wrong);
    exchange_run_on(sides, &plan);
    exchange_free(sides);
    expect(told_status == OFTP_E_VALUE, "an F record that is too short");
}

/* 3. The file before must be told before another one is offered. */
static int32_t again_too_early(oftp_session *s, oftp_space *space, void *user_data)
{
    oftp_virtual_file file = OFTP_VIRTUAL_FILE_INIT;
    strcpy(file.dsn, "ANOTHER");
    strcpy(file.date, "20261126");
    strcpy(file.time, "1200000002");
    strcpy(file.destination, "O0177CALLED");
    strcpy(file.originator, "O0177CALLER");
    told_status = oftp_start_file_rq(s, &file);
    return on_data_space(s, space, user_data);
}

static void with_again(oftp_user_monitor *monitor, int is_caller)
{
    if (is_caller)
        monitor->data_space = again_too_early;
}

static void one_file_at_a_time(void)
{
    exchange_plan plan = plan_of(OFTP_FORMAT_U, with_again);
    expect(exchange_run(&plan) == 0, "a file inside a file");
    expect(told_status == OFTP_E_USER, "a file inside a file is refused");
}

/* 4. Octets that come while nothing was given are not lost. */
static int32_t ready_at_once(oftp_session *s, oftp_space *space, void *user_data)
{
    if (asked++ == 0)
        return oftp_data_ready(s);
    told_status = oftp_data_from(s, 1000);
    return on_data_space(s, space, user_data);
}

static void with_ready(oftp_user_monitor *monitor, int is_caller)
{
    if (is_caller)
        monitor->data_space = ready_at_once;
}

static void who_is_ready_is_asked_again(void)
{
    exchange_plan plan = plan_of(OFTP_FORMAT_U, with_ready);
    expect(exchange_run(&plan) == 0 && asked == 2, "data_ready inside data_space");
}

/* 5. n_data_rq says itself what it has taken. */
static void sent_too(oftp_session *session, void *context)
{
    (void)context;
    told_status = oftp_sent(session, 1);
}

static void octets_are_counted_once(void)
{
    interference there = {CB_N_DATA_RQ, sent_too, NULL, 0};
    exchange_plan plan = plan_of(OFTP_FORMAT_U, NULL);
    plan.push_octets = 1;
    plan.interference = &there;
    expect(exchange_run(&plan) == 0, "oftp_sent inside n_data_rq");
    expect(told_status == OFTP_E_USER, "oftp_sent inside n_data_rq is refused");
}

/* 6. What is not set refuses in the RFC's own way, and does nothing where all is over. */
static int32_t told_reason(oftp_session *s, const oftp_start_file_answer *answer, void *user_data)
{
    (void)user_data;
    refused_reason = answer->reason;
    return oftp_release_rq(s, OFTP_ESID_EMERGENCY_CLOSE_DOWN, NULL);
}

static int32_t told_abort(oftp_session *s, const oftp_abort *abort, void *user_data)
{
    aborts++;
    return on_abort_ind(s, abort, user_data);
}

static void without_files(oftp_user_monitor *monitor, int is_caller)
{
    if (is_caller)
        monitor->start_file_cf = told_reason;
    else
        monitor->start_file_ind = NULL;
    monitor->abort_ind = told_abort;
}

/* The connection is lost behind an SFID that nobody has been told of yet. */
static int32_t lose_it(oftp_session *s, const oftp_ssid *partner, const oftp_agreed *agreed,
                       void *user_data)
{
    side *self = user_data;
    const uint8_t *octets;
    size_t len;
    on_connect_cf(s, partner, agreed, user_data);
    oftp_pending(s, &octets, &len);
    oftp_n_data_ind(self->peer->session, octets, len);
    oftp_wants(self->peer->session);
    oftp_n_disc_ind(self->peer->session);
    return OFTP_OK;
}

static void lost(oftp_user_monitor *monitor, int is_caller)
{
    if (is_caller)
        monitor->connect_cf = lose_it;
    else
        monitor->start_file_ind = NULL;
    monitor->abort_ind = told_abort;
}

static void what_is_not_set_refuses(void)
{
    side sides[SIDES];
    exchange_plan plan = plan_of(OFTP_FORMAT_U, without_files);
    exchange_run_on(sides, &plan);
    exchange_free(sides);
    expect(refused_reason == OFTP_FILE_DIRECTION_REFUSED, "SFNA 14");
    plan = plan_of(OFTP_FORMAT_U, lost);
    exchange_run_on(sides, &plan);
    expect(oftp_dispatch(sides[CALLED].session) >= 0, "a default answer that is not due");
    expect(aborts >= 1, "the end is told behind it");
    exchange_free(sides);
}

int main(void)
{
    answers_are_taken_whole_or_not_at_all();
    records_have_their_length();
    one_file_at_a_time();
    who_is_ready_is_asked_again();
    octets_are_counted_once();
    what_is_not_set_refuses();
    puts(wrong ? "some rules are broken" : "all rules hold");
    return wrong != 0;
}
