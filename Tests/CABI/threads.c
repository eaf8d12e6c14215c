// Many threads on one handle, among them one that stops it and one that destroys it.
#define _GNU_SOURCE
#include <smg.h>

#include "check.h"
#include "http.h"

enum { ROUNDS = 12, READERS = 4 };

static const char config[] =
    "{\"host\":\"127.0.0.1\",\"port\":0,\"prometheus_host\":\"127.0.0.1\",\"prometheus_port\":0,\"event_loops\":2,"
    "\"log_level\":\"error\"}";

// Reads and changes until the gateway says that it has stopped or is gone.
static void *use(void *gateway) {
    for (int i = 1;; i++) {
        smg_buffer buffer = {NULL, 0};
        char spec[64];
        snprintf(spec, sizeof spec, "{\"url\":\"http://127.0.0.1:1/%d\"}", i);
        smg_status added = smg_gateway_worker_add(gateway, smg_bytes_of(spec), &buffer, NULL);
        smg_buffer_destroy(&buffer);
        smg_status listed = smg_gateway_workers(gateway, &buffer, NULL);
        smg_buffer_destroy(&buffer);
        smg_status counted = smg_gateway_stats(gateway, &buffer, NULL);
        smg_buffer_destroy(&buffer);
        if (counted == SMG_E_STATE || counted == SMG_E_ARGUMENT) return NULL;
        if ((added != SMG_OK && added != SMG_E_WORKER_EXISTS && added != SMG_E_STATE && added != SMG_E_ARGUMENT)
            || (listed != SMG_OK && listed != SMG_E_STATE && listed != SMG_E_ARGUMENT) || counted != SMG_OK)
            return gateway;
    }
}

static void *wait_for_end(void *gateway) {
    smg_status status = smg_gateway_wait(gateway, SMG_FOREVER, NULL);
    return status == SMG_OK ? NULL : gateway;
}

static void *stop(void *gateway) {
    smg_status status = smg_gateway_stop(gateway, 0, NULL);
    return status == SMG_OK || status == SMG_E_ARGUMENT ? NULL : gateway;
}

static void *destroy(void *gateway) {
    smg_gateway_destroy(gateway);
    return NULL;
}

int main(void) {
    for (int round = 0; round < ROUNDS; round++) {
        smg_gateway *gateway = NULL;
        pthread_t threads[READERS + 4];
        int count = 0;
        CHECK_EQUAL(smg_gateway_create(smg_bytes_of(config), &gateway, NULL), SMG_OK);
        CHECK_EQUAL(smg_gateway_start(gateway, NULL), SMG_OK);
        pthread_create(&threads[count++], NULL, wait_for_end, gateway);
        for (int i = 0; i < READERS; i++) pthread_create(&threads[count++], NULL, use, gateway);
        // Nobody may look at the waiter before it waits: it would find the handle destroyed.
        usleep(20000);
        pthread_create(&threads[count++], NULL, round % 3 ? stop : destroy, gateway);
        pthread_create(&threads[count++], NULL, round % 2 ? stop : destroy, gateway);
        for (int i = 0; i < count; i++) {
            void *fault = NULL;
            pthread_join(threads[i], &fault);
            CHECK(fault == NULL);
        }
        smg_gateway_destroy(gateway);
    }
    return check_end();
}
