// The log goes to a function of ours: levels, end of life, and what is refused inside it.
#define _GNU_SOURCE
#include <smg.h>

#include "check.h"
#include "http.h"

static const char config[] =
    "{\"host\":\"127.0.0.1\",\"port\":0,\"prometheus_host\":\"127.0.0.1\",\"prometheus_port\":0,\"event_loops\":1}";
static const char json_config[] =
    "{\"host\":\"127.0.0.1\",\"port\":0,\"prometheus_host\":\"127.0.0.1\",\"prometheus_port\":0,\"event_loops\":1,"
    "\"log_json\":true,\"max_concurrent_requests\":0}";

typedef struct {
    smg_gateway *gateway;
    char text[1 << 14];
    int lines, highest, lowest, releases, inside;
} recorder;

static void take(int32_t level, smg_bytes line, void *user_data) {
    recorder *record = user_data;
    size_t used = strlen(record->text);
    record->lines++;
    if (level > record->highest) record->highest = level;
    if (level < record->lowest) record->lowest = level;
    if (used + line.len + 2 < sizeof record->text) {
        memcpy(record->text + used, line.data, line.len);
        memcpy(record->text + used + line.len, "\n", 2);
    }
    if (memchr(line.data, '\n', line.len)) record->inside = 1;
    if (record->lines == 1) {
        record->inside = smg_gateway_stop(record->gateway, 0, NULL);
        smg_gateway_destroy(record->gateway);
    }
}

static void release(void *user_data) { ((recorder *)user_data)->releases++; }

static void test_lines(const char *json, const char *needle) {
    static recorder record;
    memset(&record, 0, sizeof record);
    record.lowest = SMG_LOG_ERROR;
    CHECK_EQUAL(smg_gateway_create(smg_bytes_of(json), &record.gateway, NULL), SMG_OK);
    CHECK_EQUAL(smg_gateway_set_log(record.gateway, 9, take, &record, release, NULL), SMG_E_ARGUMENT);
    CHECK_EQUAL(smg_gateway_set_log(record.gateway, -1, take, &record, release, NULL), SMG_E_ARGUMENT);
    CHECK_EQUAL(record.releases, 0);
    CHECK_EQUAL(smg_gateway_set_log(record.gateway, SMG_LOG_INFO, take, &record, release, NULL), SMG_OK);
    CHECK_EQUAL(smg_gateway_start(record.gateway, NULL), SMG_OK);
    CHECK_EQUAL(smg_gateway_set_log(record.gateway, SMG_LOG_INFO, NULL, NULL, NULL, NULL), SMG_E_STATE);
    CHECK_EQUAL(smg_gateway_stop(record.gateway, 0, NULL), SMG_OK);
    CHECK_EQUAL(record.releases, 1);
    CHECK_EQUAL(record.inside, SMG_E_STATE);
    CHECK(record.lines >= 3);
    CHECK_EQUAL(record.lowest, SMG_LOG_INFO);
    CHECK_CONTAINS(record.text, "listening");
    CHECK_CONTAINS(record.text, "stopped");
    CHECK_CONTAINS(record.text, needle);
    smg_gateway_destroy(record.gateway);
    CHECK_EQUAL(record.releases, 1);
}

static void test_replaced(void) {
    static recorder first, second;
    smg_gateway *gateway = NULL;
    CHECK_EQUAL(smg_gateway_create(smg_bytes_of(config), &gateway, NULL), SMG_OK);
    CHECK_EQUAL(smg_gateway_set_log(gateway, SMG_LOG_DEBUG, take, &first, release, NULL), SMG_OK);
    CHECK_EQUAL(smg_gateway_set_log(gateway, SMG_LOG_DEBUG, take, &second, release, NULL), SMG_OK);
    CHECK_EQUAL(first.releases, 1);
    CHECK_EQUAL(second.releases, 0);
    smg_gateway_destroy(gateway);
    CHECK_EQUAL(first.releases, 1);
    CHECK_EQUAL(second.releases, 1);
    CHECK_EQUAL(second.lines, 0);
}

// Many lines at once, more than a pipe holds, all arrive.
static void count(int32_t level, smg_bytes line, void *user_data) {
    (void)line;
    if (level >= SMG_LOG_DEBUG) ++*(int *)user_data;
}

static void test_many(void) {
    enum { WORKERS = 2000 };
    int lines = 0;
    smg_gateway *gateway = NULL;
    CHECK_EQUAL(smg_gateway_create(smg_bytes_of(config), &gateway, NULL), SMG_OK);
    CHECK_EQUAL(smg_gateway_set_log(gateway, SMG_LOG_DEBUG, count, &lines, NULL, NULL), SMG_OK);
    CHECK_EQUAL(smg_gateway_start(gateway, NULL), SMG_OK);
    for (int i = 1; i <= WORKERS; i++) {
        char spec[64];
        snprintf(spec, sizeof spec, "{\"url\":\"http://127.0.0.1:1/%d\"}", i);
        if (smg_gateway_worker_add(gateway, smg_bytes_of(spec), NULL, NULL) != SMG_OK) failed++;
    }
    // Each has been tried once when this one, added last, says why it is pending.
    for (int i = 0; i < 1000; i++) {
        smg_buffer list = {NULL, 0};
        smg_gateway_workers(gateway, &list, NULL);
        int waiting = list.data && strstr((const char *)list.data, "waiting for its first answer") != NULL;
        smg_buffer_destroy(&list);
        if (!waiting) break;
        usleep(10000);
    }
    CHECK_EQUAL(smg_gateway_stop(gateway, 0, NULL), SMG_OK);
    CHECK(lines >= WORKERS);
    smg_gateway_destroy(gateway);
}

int main(void) {
    test_lines(config, " INFO  gateway ");
    test_lines(json_config, "\"level\":\"info\"");
    test_replaced();
    test_many();
    return check_end();
}
