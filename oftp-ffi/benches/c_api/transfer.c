/* The C side of the benchmark: a transfer over loopback, data in small buffers in memory, and the
 * memory of idle sessions. Prints one figure. */
#include "oftp.h"

#include <arpa/inet.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef struct {
    oftp_session *session;
    int socket;
    uint64_t len, given, received, buffers;
    const uint8_t *content;
    size_t content_len;
    int over;
} end;

static void fail(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, oftp_last_error());
    exit(1);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int32_t connect_ind(oftp_session *session, const oftp_ssid *partner, void *user_data)
{
    oftp_connect connect = OFTP_CONNECT_INIT;
    (void)partner, (void)user_data;
    strcpy(connect.code, "O0177CALLED");
    return oftp_connect_rs(session, &connect, NULL);
}

static int32_t connect_cf(oftp_session *session, const oftp_ssid *partner,
                          const oftp_agreed *agreed, void *user_data)
{
    end *self = user_data;
    oftp_virtual_file file = OFTP_VIRTUAL_FILE_INIT;
    (void)partner, (void)agreed;
    if (!self->len)
        return OFTP_OK;
    strcpy(file.dsn, "DRAWING");
    strcpy(file.date, "20261126");
    strcpy(file.time, "1200000001");
    strcpy(file.destination, "O0177CALLED");
    strcpy(file.originator, "O0177CALLER");
    file.size = self->len / 1024 + 1;
    return oftp_start_file_rq(session, &file);
}

static int32_t start_file_ind(oftp_session *session, const oftp_virtual_file *file,
                              void *user_data)
{
    (void)file, (void)user_data;
    return oftp_start_file_rs(session, 0, 0);
}

static int32_t start_file_cf(oftp_session *session, const oftp_start_file_answer *answer,
                             void *user_data)
{
    (void)session, (void)user_data;
    return answer->positive - 1;
}

static int32_t data_space(oftp_session *session, oftp_space *space, void *user_data)
{
    end *self = user_data;
    uint64_t left = self->len - self->given;
    size_t at = (size_t)(self->given % self->content_len);
    (void)session;
    space->len = space->room < left ? space->room : (size_t)left;
    if (space->len > self->content_len - at)
        space->len = self->content_len - at;
    memcpy(space->octets, self->content + at, space->len);
    self->given += space->len;
    space->end_of_file = self->given == self->len;
    return OFTP_OK;
}

static int32_t data_ind(oftp_session *session, const oftp_data *data, void *user_data)
{
    end *self = user_data;
    (void)session;
    self->received += data->len;
    self->buffers++;
    return OFTP_OK;
}

static int32_t close_file_ind(oftp_session *session, const oftp_file_end *file_end,
                              void *user_data)
{
    end *self = user_data;
    if (file_end->reason)
        return -1;
    self->over = 1;
    return oftp_close_file_rs(session, OFTP_NO);
}

static int32_t close_file_cf(oftp_session *session, const oftp_close_file_answer *answer,
                             void *user_data)
{
    end *self = user_data;
    (void)session;
    self->over = 1;
    return answer->positive - 1;
}

static void make(end *self, uint32_t buffer_size)
{
    oftp_config config = OFTP_CONFIG_INIT;
    oftp_user_monitor monitor = OFTP_USER_MONITOR_INIT;
    config.buffer_size = buffer_size;
    config.compression = OFTP_NO;
    monitor.connect_ind = connect_ind;
    monitor.connect_cf = connect_cf;
    monitor.start_file_ind = start_file_ind;
    monitor.start_file_cf = start_file_cf;
    monitor.data_space = data_space;
    monitor.data_ind = data_ind;
    monitor.close_file_ind = close_file_ind;
    monitor.close_file_cf = close_file_cf;
    if (oftp_session_new(&self->session, &config, &monitor, NULL, self) < 0)
        fail("session");
}

static void call(end *self)
{
    oftp_connect connect = OFTP_CONNECT_INIT;
    strcpy(connect.code, "O0177CALLER");
    if (oftp_connect_rq(self->session, &connect) < 0 || oftp_dispatch(self->session) < 0
        || oftp_n_con_cf(self->session) < 0)
        fail("call");
}

/* Runs one end over its socket until its file is over. */
static void *run(void *user_data)
{
    end *self = user_data;
    while (!self->over) {
        int32_t wants = oftp_dispatch(self->session);
        if (wants < 0)
            fail("dispatch");
        if (wants & OFTP_WANT_WRITE) {
            const uint8_t *octets;
            size_t len;
            ssize_t sent;
            oftp_pending(self->session, &octets, &len);
            sent = send(self->socket, octets, len, MSG_NOSIGNAL);
            if (sent < 0)
                fail("send");
            oftp_sent(self->session, (size_t)sent);
        } else if (!self->over && (wants & OFTP_WANT_READ)) {
            uint8_t *space;
            size_t room;
            ssize_t got;
            oftp_receive_space(self->session, &space, &room);
            got = recv(self->socket, space, room, 0);
            if (got <= 0)
                fail("recv");
            oftp_received(self->session, (size_t)got);
        }
    }
    /* The answer to the end of the file. */
    while (oftp_dispatch(self->session) >= 0) {
        const uint8_t *octets;
        size_t len;
        oftp_pending(self->session, &octets, &len);
        if (!len || send(self->socket, octets, len, MSG_NOSIGNAL) != (ssize_t)len)
            break;
        oftp_sent(self->session, len);
    }
    return NULL;
}

static void loopback(end *caller, end *called)
{
    struct sockaddr_in address = {0};
    socklen_t len = sizeof address;
    int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    pthread_t thread;
    double start;
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, len) || listen(listener, 1)
        || getsockname(listener, (struct sockaddr *)&address, &len))
        fail("listen");
    caller->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(caller->socket, (struct sockaddr *)&address, len))
        fail("connect");
    called->socket = accept(listener, NULL, NULL);
    setsockopt(caller->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(called->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    start = now();
    call(caller);
    oftp_n_con_ind(called->session, NULL, NULL);
    pthread_create(&thread, NULL, run, called);
    run(caller);
    pthread_join(thread, NULL);
    if (called->received != caller->len)
        fail("not all has come");
    printf("%.6f\n", now() - start);
}

/* Both ends in memory, until neither has anything to say. */
static void in_memory(end *caller, end *called)
{
    end *ends[2];
    int moved = 1, at;
    ends[0] = caller, ends[1] = called;
    while (moved)
        for (moved = 0, at = 0; at < 2; at++) {
            const uint8_t *octets;
            size_t len;
            if (oftp_dispatch(ends[at]->session) < 0)
                fail("dispatch");
            while (oftp_pending(ends[at]->session, &octets, &len) >= 0 && len) {
                oftp_n_data_ind(ends[1 - at]->session, octets, len);
                oftp_sent(ends[at]->session, len);
                moved = 1;
            }
        }
}

static void start(end *caller, end *called)
{
    call(caller);
    oftp_n_con_ind(called->session, NULL, NULL);
}

int main(int argc, char **argv)
{
    static uint8_t content[1 << 20];
    end caller = {0}, called = {0};
    size_t i;
    const char *mode = argc > 1 ? argv[1] : "";
    for (i = 0; i < sizeof content; i++)
        content[i] = (uint8_t)(i * 2654435761u >> 13);
    caller.content = content;
    caller.content_len = sizeof content;
    caller.len = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    if (!strcmp(mode, "loopback")) {
        make(&caller, 0);
        make(&called, 0);
        loopback(&caller, &called);
    } else if (!strcmp(mode, "small")) {
        double begin;
        make(&caller, 128);
        make(&called, 128);
        start(&caller, &called);
        begin = now();
        in_memory(&caller, &called);
        if (called.received != caller.len)
            fail("not all has come");
        /* Nanoseconds for each Data Exchange Buffer: one data_ind each. */
        printf("%.2f\n", (now() - begin) / (double)called.buffers * 1e9);
    } else {
        /* Sessions that have exchanged SSIDs, before any file: octets each. */
        enum { PAIRS = 5000 };
        static end ends[2 * PAIRS];
        size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
        for (i = 0; i < PAIRS; i++) {
            make(&ends[2 * i], 0);
            make(&ends[2 * i + 1], 0);
            start(&ends[2 * i], &ends[2 * i + 1]);
            in_memory(&ends[2 * i], &ends[2 * i + 1]);
        }
        printf("%.0f\n",
               (double)(mallinfo2().uordblks + mallinfo2().hblkhd - before) / (2 * PAIRS));
    }
    return 0;
}
