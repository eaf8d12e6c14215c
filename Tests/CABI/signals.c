// The host's signals stay the host's: handlers run on its threads, and its masks are as they were.
#define _GNU_SOURCE
#include <signal.h>
#include <smg.h>

#include "check.h"
#include "http.h"

static volatile sig_atomic_t handled, elsewhere;
static pthread_t host;

static void handle(int number) {
    (void)number;
    handled++;
    if (!pthread_equal(pthread_self(), host)) elsewhere++;
}

int main(void) {
    static const char config[] =
        "{\"host\":\"127.0.0.1\",\"port\":0,\"prometheus_host\":\"127.0.0.1\",\"prometheus_port\":0,\"event_loops\":2,"
        "\"log_level\":\"error\"}";
    smg_gateway *gateway = NULL;
    sigset_t before, after;
    struct sigaction action = {0}, now;
    host = pthread_self();
    action.sa_handler = handle;
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    pthread_sigmask(SIG_SETMASK, NULL, &before);

    CHECK_EQUAL(smg_gateway_create(smg_bytes_of(config), &gateway, NULL), SMG_OK);
    CHECK_EQUAL(smg_gateway_start(gateway, NULL), SMG_OK);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    CHECK(memcmp(&before, &after, sizeof before) == 0);
    sigaction(SIGTERM, NULL, &now);
    CHECK(now.sa_handler == handle);
    sigaction(SIGPIPE, NULL, &now);
    CHECK(now.sa_handler == SIG_DFL);

    // To the process: only the host's thread may take them. While it blocks them, they stay pending.
    sigset_t block;
    sigemptyset(&block);
    sigaddset(&block, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &block, NULL);
    kill(getpid(), SIGUSR1);
    CHECK_EQUAL(smg_gateway_wait(gateway, 50, NULL), SMG_E_TIMEOUT);
    CHECK_EQUAL(handled, 0);
    pthread_sigmask(SIG_UNBLOCK, &block, NULL);
    CHECK_EQUAL(handled, 1);
    for (int i = 0; i < 20; i++) kill(getpid(), SIGTERM);
    CHECK(handled > 1);
    CHECK_EQUAL(elsewhere, 0);
    smg_gateway_destroy(gateway);
    return check_end();
}
