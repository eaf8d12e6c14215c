// The fork rule: a child of a process with gateways is told so and harms nothing.
#define _GNU_SOURCE
#include <smg.h>
#include <sys/wait.h>

#include "check.h"
#include "http.h"

static const char config[] =
    "{\"host\":\"127.0.0.1\",\"port\":0,\"prometheus_host\":\"127.0.0.1\",\"prometheus_port\":0,\"event_loops\":1,"
    "\"log_level\":\"error\"}";

// Runs `body` in a child and counts its failures here.
static void in_child(void (*body)(smg_gateway *), smg_gateway *gateway) {
    int status = -1;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        failed = 0;
        body(gateway);
        _exit(failed > 0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

// Before the parent has made a gateway, a child may make its own.
static void make_own(smg_gateway *none) {
    smg_gateway *gateway = none;
    CHECK_EQUAL(smg_gateway_create(smg_bytes_of(config), &gateway, NULL), SMG_OK);
    CHECK_EQUAL(smg_gateway_start(gateway, NULL), SMG_OK);
    CHECK(smg_gateway_port(gateway) > 0);
    smg_gateway_destroy(gateway);
}

static void use_parents(smg_gateway *gateway) {
    smg_gateway *made = NULL;
    smg_buffer buffer = {NULL, 0};
    smg_error *error = NULL;
    CHECK_EQUAL(smg_gateway_stop(gateway, 0, &error), SMG_E_FORKED);
    CHECK_TEXT(smg_error_name(error), "forked");
    smg_error_destroy(error);
    CHECK_EQUAL(smg_gateway_create(smg_bytes_of(config), &made, NULL), SMG_E_FORKED);
    CHECK_EQUAL(smg_gateway_start(gateway, NULL), SMG_E_FORKED);
    CHECK_EQUAL(smg_gateway_wait(gateway, SMG_FOREVER, NULL), SMG_E_FORKED);
    CHECK_EQUAL(smg_gateway_port(gateway), SMG_E_FORKED);
    CHECK_EQUAL(smg_gateway_stats(gateway, &buffer, NULL), SMG_E_FORKED);
    CHECK_EQUAL(smg_abi_version(), SMG_ABI_VERSION);
    CHECK(smg_version() != NULL);
    smg_gateway_destroy(gateway);
}

int main(void) {
    char answer[4096];
    smg_gateway *gateway = NULL;
    in_child(make_own, NULL);
    CHECK_EQUAL(smg_gateway_create(smg_bytes_of(config), &gateway, NULL), SMG_OK);
    CHECK_EQUAL(smg_gateway_start(gateway, NULL), SMG_OK);
    in_child(use_parents, gateway);
    CHECK_EQUAL(http_request(smg_gateway_port(gateway), "GET", "/health", "", answer, sizeof answer), 200);
    CHECK_EQUAL(smg_gateway_stop(gateway, 1000, NULL), SMG_OK);
    smg_gateway_destroy(gateway);
    return check_end();
}
