// One gateway from its configuration to its end, with a worker and a request in between.
#define _GNU_SOURCE
#include <smg.h>
#include <time.h>

#include "check.h"
#include "http.h"

static const char config[] =
    "{\"host\": \"127.0.0.1\", \"port\": 0, \"prometheus_host\": \"127.0.0.1\", \"prometheus_port\": 0,"
    " \"event_loops\": 2, \"drain_settle_secs\": 0, \"log_level\": \"error\"}";

// The workers' list as text that the caller keeps until the next call.
static const char *workers(smg_gateway *gateway) {
    static smg_buffer list;
    smg_buffer_destroy(&list);
    CHECK_EQUAL(smg_gateway_workers(gateway, &list, NULL), SMG_OK);
    return list.data ? (const char *)list.data : "";
}

// Looks every 10 ms, for 10 s at most, whether the workers' list contains `text` (or does not).
static int becomes(smg_gateway *gateway, const char *text, int wanted) {
    for (int i = 0; i < 1000; i++) {
        if ((strstr(workers(gateway), text) != NULL) == wanted) return 1;
        nanosleep(&(struct timespec){0, 10000000}, NULL);
    }
    return 0;
}

static void *stop_soon(void *gateway) {
    nanosleep(&(struct timespec){0, 50000000}, NULL);
    CHECK_EQUAL(smg_gateway_stop(gateway, 1000, NULL), SMG_OK);
    return NULL;
}

static void test_workers(smg_gateway *gateway) {
    char spec[256], url[64], answer[1 << 14];
    smg_buffer buffer = {NULL, 0};
    smg_error *error = NULL;
    int port = worker_start();
    snprintf(url, sizeof url, "http://127.0.0.1:%d", port);
    snprintf(spec, sizeof spec, "{\"url\": \"%s\", \"model_id\": \"m\", \"labels\": {\"rack\": \"7\"}}", url);

    CHECK_EQUAL(smg_gateway_worker_add(gateway, smg_bytes_of(spec), &buffer, &error), SMG_OK);
    CHECK(error == NULL);
    CHECK_CONTAINS((const char *)buffer.data, "\"id\":");
    CHECK_CONTAINS((const char *)buffer.data, url);
    CHECK_EQUAL(strlen((const char *)buffer.data), buffer.len);
    smg_buffer_destroy(&buffer);
    CHECK(buffer.data == NULL && buffer.len == 0);
    smg_buffer_destroy(&buffer);

    CHECK_EQUAL(smg_gateway_worker_add(gateway, smg_bytes_of(spec), NULL, &error), SMG_E_WORKER_EXISTS);
    CHECK_TEXT(smg_error_name(error), "worker_already_exists");
    CHECK_CONTAINS(smg_error_detail_json(error), "\"http_status\":409");
    smg_error_destroy(error);

    CHECK(becomes(gateway, "\"status\":\"ready\"", 1));
    CHECK_CONTAINS(workers(gateway), "\"total\":1");
    CHECK_CONTAINS(workers(gateway), "\"rack\":\"7\"");

    const char *chat = "{\"model\": \"m\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]}";
    CHECK_EQUAL(
        http_request(smg_gateway_port(gateway), "POST", "/v1/chat/completions", chat, answer, sizeof answer), 200);
    CHECK_CONTAINS(answer, "hello from the worker");
    CHECK_EQUAL(http_request(smg_gateway_metrics_port(gateway), "GET", "/metrics", "", answer, sizeof answer), 200);
    CHECK_CONTAINS(answer, "sgl_router_requests_total");

    CHECK_EQUAL(smg_gateway_stats(gateway, &buffer, NULL), SMG_OK);
    CHECK_CONTAINS((const char *)buffer.data, "\"succeeded\":1");
    CHECK_CONTAINS((const char *)buffer.data, "\"processed\":1");
    CHECK_CONTAINS((const char *)buffer.data, "\"load\":0");
    CHECK_CONTAINS((const char *)buffer.data, "\"limiter\":{\"enabled\":");
    smg_buffer_destroy(&buffer);

    CHECK_EQUAL(smg_gateway_worker_remove(gateway, smg_bytes_of("http://127.0.0.1:1"), &error), SMG_E_WORKER_NOT_FOUND);
    CHECK_EQUAL(smg_error_code(error), SMG_E_WORKER_NOT_FOUND);
    smg_error_destroy(error);
    CHECK_EQUAL(smg_gateway_worker_remove(gateway, smg_bytes_of(url), &error), SMG_OK);
    CHECK(becomes(gateway, "\"total\":0", 1));
}

static void test_two_gateways(smg_gateway *first) {
    smg_gateway *second = NULL;
    smg_error *error = NULL;
    char taken[256];
    snprintf(
        taken, sizeof taken,
        "{\"host\":\"127.0.0.1\",\"port\":%d,\"prometheus_port\":0,\"event_loops\":1,\"log_level\":\"error\"}",
        smg_gateway_metrics_port(first));
    CHECK_EQUAL(smg_gateway_create(smg_bytes_of(config), &second, NULL), SMG_OK);
    CHECK_EQUAL(smg_gateway_start(second, NULL), SMG_OK);
    CHECK(smg_gateway_port(second) != smg_gateway_port(first));
    smg_gateway_destroy(second);
    CHECK_EQUAL(smg_gateway_port(second), SMG_E_ARGUMENT);

    // A port without SO_REUSEPORT: somebody else's listener.
    struct sockaddr_in address = {0};
    socklen_t len = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_EQUAL(bind(listener, (struct sockaddr *)&address, len), 0);
    CHECK_EQUAL(listen(listener, 1), 0);
    getsockname(listener, (struct sockaddr *)&address, &len);
    snprintf(
        taken, sizeof taken, "{\"host\":\"127.0.0.1\",\"port\":%d,\"prometheus_port\":0,\"log_level\":\"error\"}",
        ntohs(address.sin_port));
    CHECK_EQUAL(smg_gateway_create(smg_bytes_of(taken), &second, NULL), SMG_OK);
    CHECK_EQUAL(smg_gateway_start(second, &error), SMG_E_ADDRESS_IN_USE);
    CHECK_TEXT(smg_error_name(error), "address_in_use");
    CHECK_EQUAL(smg_error_retryable(error), 1);
    smg_error_destroy(error);
    CHECK_EQUAL(smg_gateway_port(second), SMG_E_STATE);
    close(listener);
    CHECK_EQUAL(smg_gateway_start(second, &error), SMG_OK);
    smg_gateway_destroy(second);
}

int main(void) {
    smg_gateway *gateway = NULL;
    smg_error *error = NULL;
    smg_buffer buffer = {NULL, 0};

    CHECK_EQUAL(smg_abi_version(), SMG_ABI_VERSION);
    CHECK_EQUAL(smg_gateway_create(smg_bytes_of(config), &gateway, &error), SMG_OK);
    CHECK(gateway != NULL && error == NULL);

    CHECK_EQUAL(smg_gateway_port(gateway), SMG_E_STATE);
    CHECK_EQUAL(smg_gateway_wait(gateway, 0, &error), SMG_E_STATE);
    CHECK_TEXT(smg_error_name(error), "not_started");
    smg_error_destroy(error);
    CHECK_EQUAL(smg_gateway_stop(gateway, 0, NULL), SMG_E_STATE);
    CHECK_EQUAL(smg_gateway_workers(gateway, &buffer, NULL), SMG_E_STATE);

    CHECK_EQUAL(smg_gateway_start(gateway, &error), SMG_OK);
    CHECK_EQUAL(smg_gateway_start(gateway, &error), SMG_E_STATE);
    CHECK_TEXT(smg_error_name(error), "already_started");
    smg_error_destroy(error);
    CHECK(smg_gateway_port(gateway) > 0);
    CHECK(smg_gateway_metrics_port(gateway) > 0);
    CHECK_EQUAL(smg_gateway_address(gateway, &buffer, NULL), SMG_OK);
    CHECK_CONTAINS((const char *)buffer.data, "127.0.0.1:");
    smg_buffer_destroy(&buffer);
    CHECK_EQUAL(smg_gateway_wait(gateway, 20, &error), SMG_E_TIMEOUT);
    CHECK_TEXT(smg_error_name(error), "timeout");
    smg_error_destroy(error);

    test_workers(gateway);
    test_two_gateways(gateway);

    pthread_t thread;
    CHECK_EQUAL(pthread_create(&thread, NULL, stop_soon, gateway), 0);
    CHECK_EQUAL(smg_gateway_wait(gateway, SMG_FOREVER, NULL), SMG_OK);
    pthread_join(thread, NULL);
    CHECK_EQUAL(smg_gateway_stop(gateway, SMG_CONFIGURED_GRACE, NULL), SMG_OK);
    CHECK_EQUAL(smg_gateway_wait(gateway, 0, NULL), SMG_OK);
    CHECK_EQUAL(smg_gateway_start(gateway, &error), SMG_E_STATE);
    CHECK_TEXT(smg_error_name(error), "stopped");
    smg_error_destroy(error);
    smg_gateway_destroy(gateway);
    CHECK_EQUAL(smg_gateway_start(gateway, NULL), SMG_E_ARGUMENT);
    smg_gateway_destroy(gateway);
    smg_gateway_destroy(NULL);
    smg_buffer_destroy(NULL);
    return check_end();
}
