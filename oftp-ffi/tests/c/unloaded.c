/* A host that loads the library by hand and gives it back while it still has a session. */
#include "oftp.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

typedef oftp_status new_function(oftp_session **, const oftp_config *, const oftp_user_monitor *,
                                 const oftp_network_service *, void *);
typedef oftp_status tick_function(oftp_session *, uint64_t);
typedef oftp_status free_function(oftp_session *);

static new_function *session_new;
static tick_function *tick;
static free_function *session_free;

static void find(void *library, const char *name, void *function)
{
    void *found = dlsym(library, name);
    memcpy(function, &found, sizeof found);
}

/* A thread that has an error text of its own when it ends. */
static void *fails(void *nothing)
{
    tick(NULL, 1);
    return nothing;
}

int main(int argc, char **argv)
{
    oftp_user_monitor monitor = OFTP_USER_MONITOR_INIT;
    oftp_session *session = NULL;
    pthread_t thread;
    void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
    if (!library)
        return puts(dlerror()), 1;
    find(library, "oftp_session_new", &session_new);
    find(library, "oftp_tick", &tick);
    find(library, "oftp_session_free", &session_free);
    if (session_new(&session, NULL, &monitor, NULL, NULL) < 0)
        return 2;
    pthread_create(&thread, NULL, fails, NULL);
    dlclose(library);
    pthread_join(thread, NULL);
    if (tick(session, 1) < 0 || session_free(session) < 0)
        return 3;
    puts("the session outlives dlclose");
    return 0;
}
