/* Runs a program and does something to it at the N-th call of a kind, whichever of its threads
 * makes it: strace counts the calls of each thread for itself, and cannot name this one.
 *
 *   strike REPORT WHAT KIND N LAST PROGRAM ARGUMENT...
 *
 * WHAT:  count   nothing; the report says how many calls of each kind there were
 *        kill    SIGKILL instead of the N-th call
 *        ENOSPC, EIO, EMFILE   the calls N to LAST fail with this and do nothing
 *        short   the calls N to LAST write half of what they should
 * KIND:  write, sync, rename, link, unlink, send, open, accept. "write" is to regular files and
 *        "send" to sockets; what goes to the terminal and to the program itself does not count.
 *
 * The report has a line "KIND NUMBER" for each kind, and "struck NUMBER" with how often something
 * was done; REPORT.struck is there from the first time on. SIGTERM, SIGINT and SIGHUP are passed on. Ends as the program does (137 for a kill). */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum kind { WRITE, SYNC, RENAME, LINK, UNLINK, SEND, OPEN, ACCEPT, KINDS };
static const char *const NAMES[KINDS] = {
    "write", "sync", "rename", "link", "unlink", "send", "open", "accept",
};

struct call {
    long number;
    enum kind kind;
    /* Its first argument says to what it writes. */
    int by_target;
};

static const struct call CALLS[] = {
    { SYS_write, WRITE, 1 },     { SYS_writev, WRITE, 1 },   { SYS_pwrite64, WRITE, 1 },
    { SYS_pwritev, WRITE, 1 },   { SYS_ftruncate, WRITE, 1 }, { SYS_fallocate, WRITE, 1 },
    { SYS_copy_file_range, WRITE, 0 },
    { SYS_fsync, SYNC, 0 },      { SYS_fdatasync, SYNC, 0 }, { SYS_renameat, RENAME, 0 },
    { SYS_renameat2, RENAME, 0 }, { SYS_linkat, LINK, 0 },   { SYS_unlinkat, UNLINK, 0 },
    { SYS_sendto, SEND, 0 },     { SYS_sendmsg, SEND, 0 },   { SYS_openat, OPEN, 0 },
    { SYS_accept4, ACCEPT, 0 },
#ifdef SYS_rename
    { SYS_rename, RENAME, 0 },   { SYS_link, LINK, 0 },      { SYS_unlink, UNLINK, 0 },
    { SYS_open, OPEN, 0 },
#endif
};
#define NUMBER_OF_CALLS (sizeof CALLS / sizeof CALLS[0])

struct registers {
    long number;
    unsigned long first, third;
};

#if defined(__x86_64__)
static void get(pid_t thread, struct registers *to) {
    struct user_regs_struct all;
    struct iovec io = { &all, sizeof all };
    if (ptrace(PTRACE_GETREGSET, thread, NT_PRSTATUS, &io) < 0) {
        memset(&all, 0xff, sizeof all);
    }
    to->number = (long)all.orig_rax;
    to->first = all.rdi;
    to->third = all.rdx;
}

/* Changes the third argument, or with `error` lets the call fail. */
static void set(pid_t thread, unsigned long third, int error) {
    struct user_regs_struct all;
    struct iovec io = { &all, sizeof all };
    if (ptrace(PTRACE_GETREGSET, thread, NT_PRSTATUS, &io) < 0) return;
    all.rdx = third;
    if (error != 0) {
        all.orig_rax = (unsigned long)-1L;
        all.rax = (unsigned long)-(long)error;
    }
    ptrace(PTRACE_SETREGSET, thread, NT_PRSTATUS, &io);
}
#elif defined(__aarch64__)
static void get(pid_t thread, struct registers *to) {
    struct user_regs_struct all;
    struct iovec io = { &all, sizeof all };
    if (ptrace(PTRACE_GETREGSET, thread, NT_PRSTATUS, &io) < 0) {
        memset(&all, 0xff, sizeof all);
    }
    to->number = (long)all.regs[8];
    to->first = all.regs[0];
    to->third = all.regs[2];
}

static void set(pid_t thread, unsigned long third, int error) {
    struct user_regs_struct all;
    struct iovec io = { &all, sizeof all };
    if (ptrace(PTRACE_GETREGSET, thread, NT_PRSTATUS, &io) < 0) return;
    all.regs[2] = third;
    if (error != 0) {
        int none = -1;
        struct iovec number = { &none, sizeof none };
        ptrace(PTRACE_SETREGSET, thread, NT_ARM_SYSTEM_CALL, &number);
        all.regs[0] = (unsigned long)-(long)error;
    }
    ptrace(PTRACE_SETREGSET, thread, NT_PRSTATUS, &io);
}
#else
#error "no registers known of this machine"
#endif

static void fail(const char *what) {
    fprintf(stderr, "strike: %s: %s\n", what, strerror(errno));
    exit(126);
}

/* Only the calls above stop the program. */
static void filter(void) {
    struct sock_filter program[NUMBER_OF_CALLS * 2 + 2];
    size_t length = 0;
    program[length++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < NUMBER_OF_CALLS; i++) {
        program[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                                                         (unsigned)CALLS[i].number, 0, 1);
        program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
    }
    program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog all = { (unsigned short)length, program };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) fail("prctl");
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all) < 0) fail("seccomp");
}

/* The kind of a call; KINDS: none that counts. */
static enum kind kind_of(pid_t thread, const struct registers *at) {
    for (size_t i = 0; i < NUMBER_OF_CALLS; i++) {
        if (CALLS[i].number != at->number) continue;
        if (!CALLS[i].by_target) return CALLS[i].kind;
        if ((int)at->first <= 2) return KINDS;
        char path[64];
        struct stat target;
        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)thread, (int)at->first);
        if (stat(path, &target) < 0) return KINDS;
        if (S_ISREG(target.st_mode)) return WRITE;
        return S_ISSOCK(target.st_mode) ? SEND : KINDS;
    }
    return KINDS;
}

static void make(const char *path) {
    FILE *file = fopen(path, "w");
    if (file != NULL) fclose(file);
}

static pid_t program;

static void pass_on(int signal) {
    kill(program, signal);
}

int main(int count, char **arguments) {
    if (count < 7) {
        fprintf(stderr, "strike REPORT WHAT KIND N LAST PROGRAM ARGUMENT...\n");
        return 126;
    }
    const char *report = arguments[1], *what = arguments[2];
    char mark[4096];
    snprintf(mark, sizeof mark, "%s.struck", report);
    enum kind wanted = KINDS;
    for (int i = 0; i < KINDS; i++) {
        if (strcmp(NAMES[i], arguments[3]) == 0) wanted = (enum kind)i;
    }
    long from = atol(arguments[4]), to = atol(arguments[5]);
    int error = strcmp(what, "ENOSPC") == 0   ? ENOSPC
                : strcmp(what, "EIO") == 0    ? EIO
                : strcmp(what, "EMFILE") == 0 ? EMFILE
                                              : 0;
    int go[2];
    if (pipe(go) < 0) fail("pipe");
    program = fork();
    if (program < 0) fail("fork");
    if (program == 0) {
        char one;
        close(go[1]);
        if (read(go[0], &one, 1) != 1) _exit(126);
        close(go[0]);
        filter();
        execv(arguments[6], arguments + 6);
        fail(arguments[6]);
    }
    long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                   PTRACE_O_TRACEVFORK | PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SEIZE, program, 0, options) < 0) {
        int why = errno;
        kill(program, SIGKILL);
        errno = why;
        fail("ptrace");
    }
    struct sigaction action = { .sa_handler = pass_on };
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    close(go[0]);
    if (write(go[1], "", 1) != 1) fail("pipe");
    close(go[1]);

    long calls[KINDS + 1] = { 0 }, struck = 0;
    int status = 0, code = 126;
    for (;;) {
        pid_t thread = waitpid(-1, &status, __WALL);
        if (thread < 0 && errno == EINTR) continue;
        if (thread < 0) break;
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            if (thread != program) continue;
            code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            break;
        }
        int signal = WSTOPSIG(status), event = status >> 16;
        if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) {
            ptrace(PTRACE_LISTEN, thread, 0, 0);
            continue;
        }
        if (event == PTRACE_EVENT_SECCOMP) {
            struct registers at;
            get(thread, &at);
            enum kind kind = kind_of(thread, &at);
            long number = ++calls[kind];
            if (kind == wanted && number >= from && number <= to && strcmp(what, "count") != 0) {
                long before = struck;
                if (strcmp(what, "kill") == 0) {
                    struck++;
                    kill(program, SIGKILL);
                } else if (error != 0) {
                    struck++;
                    set(thread, at.third, error);
                } else if ((at.number == SYS_write || at.number == SYS_pwrite64) && at.third > 1) {
                    struck++;
                    set(thread, at.third / 2, 0);
                }
                if (before == 0 && struck > 0) make(mark);
            }
        }
        ptrace(PTRACE_CONT, thread, 0, event != 0 ? 0 : signal);
    }
    FILE *out = fopen(report, "w");
    if (out == NULL) fail(report);
    for (int i = 0; i < KINDS; i++) fprintf(out, "%s %ld\n", NAMES[i], calls[i]);
    fprintf(out, "struck %ld\n", struck);
    return fclose(out) == 0 ? code : 126;
}
