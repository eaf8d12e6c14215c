// Wrong calls: each has its status and its message, and none does any harm.
#define _GNU_SOURCE
#include <smg.h>

#include "check.h"

// Creates from `json`, expects failure, and returns the error for the caller to look at and end.
static smg_error *refused(const char *json, smg_status status, const char *name) {
    smg_gateway *gateway = (smg_gateway *)&gateway;
    smg_error *error = NULL;
    CHECK_EQUAL(smg_gateway_create(smg_bytes_of(json), &gateway, &error), status);
    CHECK(gateway == NULL);
    CHECK_EQUAL(smg_error_code(error), status);
    CHECK_TEXT(smg_error_name(error), name);
    CHECK_EQUAL(smg_error_retryable(error), 0);
    return error;
}

static void test_configurations(void) {
    smg_error *error = refused("{\"cache_treshold\": 0.5}", SMG_E_CONFIG_OPTION, "unknown_option");
    CHECK_CONTAINS(smg_error_message(error), "cache_treshold");
    CHECK_CONTAINS(smg_error_message(error), "cache_threshold");
    CHECK_CONTAINS(smg_error_detail_json(error), "\"key\":\"cache_treshold\"");
    smg_error_destroy(error);

    error = refused("{\n  \"cache_threshold\": 1.7\n}", SMG_E_CONFIG_VALUE, "out_of_range");
    CHECK_CONTAINS(smg_error_detail_json(error), "\"option\":\"cache-threshold\"");
    CHECK_CONTAINS(smg_error_detail_json(error), "\"key\":\"cache_threshold\"");
    CHECK_CONTAINS(smg_error_detail_json(error), "\"line\":2");
    smg_error_destroy(error);

    smg_error_destroy(refused("{\"port\": \"\\u0000x\"}", SMG_E_CONFIG_VALUE, "invalid_value"));
    smg_error_destroy(refused("{\"port\": ", SMG_E_CONFIG_SYNTAX, "syntax"));
    smg_error_destroy(refused("[]", SMG_E_CONFIG_SYNTAX, "syntax"));
    smg_error_destroy(refused("\xff\xfe", SMG_E_CONFIG_SYNTAX, "syntax"));
    smg_error_destroy(refused("{\"worker_urls\": [\"ftp://x\"]}", SMG_E_CONFIG_VALUE, "invalid_value"));
    smg_error_destroy(refused("{\"tls_cert_path\": \"/nowhere\"}", SMG_E_CONFIG_CONFLICT, "conflict"));
    smg_error_destroy(
        refused("{\"tls_cert_path\": \"/no/c\", \"tls_key_path\": \"/no/k\"}", SMG_E_CONFIG_FILE, "unreadable_file"));
}

static void test_create(void) {
    smg_gateway *gateway = NULL;
    smg_error *error = (smg_error *)&error;
    smg_bytes null_data = {NULL, 5}, huge = {(const uint8_t *)"{}", (size_t)-1}, empty = {NULL, 0};
    CHECK_EQUAL(smg_gateway_create(empty, NULL, &error), SMG_E_ARGUMENT);
    CHECK_TEXT(smg_error_name(error), "argument");
    smg_error_destroy(error);
    CHECK_EQUAL(smg_gateway_create(empty, NULL, NULL), SMG_E_ARGUMENT);
    CHECK_EQUAL(smg_gateway_create(null_data, &gateway, NULL), SMG_E_ARGUMENT);
    CHECK_EQUAL(smg_gateway_create(huge, &gateway, NULL), SMG_E_ARGUMENT);
    // No document at all is the default configuration.
    CHECK_EQUAL(smg_gateway_create(empty, &gateway, &error), SMG_OK);
    CHECK(error == NULL && gateway != NULL);
    smg_gateway_destroy(gateway);
}

static void test_handles(void) {
    int number = 0;
    smg_gateway *wrong[] = {NULL, (smg_gateway *)&number, (smg_gateway *)1, (smg_gateway *)(intptr_t)-1, NULL};
    smg_gateway *destroyed = NULL;
    CHECK_EQUAL(smg_gateway_create(smg_bytes_of("{}"), &destroyed, NULL), SMG_OK);
    smg_gateway_destroy(destroyed);
    wrong[4] = destroyed;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        smg_error *error = NULL;
        smg_buffer buffer = {(uint8_t *)&number, 4};
        CHECK_EQUAL(smg_gateway_start(wrong[i], &error), SMG_E_ARGUMENT);
        CHECK_CONTAINS(smg_error_message(error), "gateway is ");
        smg_error_destroy(error);
        CHECK_EQUAL(smg_gateway_start(wrong[i], NULL), SMG_E_ARGUMENT);
        CHECK_EQUAL(smg_gateway_stop(wrong[i], 0, NULL), SMG_E_ARGUMENT);
        CHECK_EQUAL(smg_gateway_wait(wrong[i], 0, NULL), SMG_E_ARGUMENT);
        CHECK_EQUAL(smg_gateway_port(wrong[i]), SMG_E_ARGUMENT);
        CHECK_EQUAL(smg_gateway_metrics_port(wrong[i]), SMG_E_ARGUMENT);
        CHECK_EQUAL(smg_gateway_address(wrong[i], &buffer, NULL), SMG_E_ARGUMENT);
        CHECK(buffer.data == NULL && buffer.len == 0);
        CHECK_EQUAL(smg_gateway_workers(wrong[i], &buffer, NULL), SMG_E_ARGUMENT);
        CHECK_EQUAL(smg_gateway_stats(wrong[i], &buffer, NULL), SMG_E_ARGUMENT);
        CHECK_EQUAL(smg_gateway_worker_add(wrong[i], smg_bytes_of("{}"), &buffer, NULL), SMG_E_ARGUMENT);
        CHECK_EQUAL(smg_gateway_worker_remove(wrong[i], smg_bytes_of("x"), NULL), SMG_E_ARGUMENT);
        CHECK_EQUAL(smg_gateway_set_log(wrong[i], SMG_LOG_INFO, NULL, NULL, NULL, NULL), SMG_E_ARGUMENT);
        smg_gateway_destroy(wrong[i]);
    }
}

static void test_running(void) {
    const char *config =
        "{\"host\":\"127.0.0.1\",\"port\":0,\"prometheus_host\":\"127.0.0.1\",\"prometheus_port\":0,\"event_loops\":1,"
        "\"log_level\":\"error\"}";
    smg_gateway *gateway = NULL;
    smg_error *error = NULL;
    smg_bytes null_data = {NULL, 1};
    CHECK_EQUAL(smg_gateway_create(smg_bytes_of(config), &gateway, NULL), SMG_OK);
    CHECK_EQUAL(smg_gateway_start(gateway, NULL), SMG_OK);
    CHECK_EQUAL(smg_gateway_stop(gateway, -2, NULL), SMG_E_ARGUMENT);
    CHECK_EQUAL(smg_gateway_wait(gateway, -2, NULL), SMG_E_ARGUMENT);
    CHECK_EQUAL(smg_gateway_wait(gateway, INT64_MIN, NULL), SMG_E_ARGUMENT);
    CHECK_EQUAL(smg_gateway_address(gateway, NULL, NULL), SMG_E_ARGUMENT);
    CHECK_EQUAL(smg_gateway_workers(gateway, NULL, NULL), SMG_E_ARGUMENT);
    CHECK_EQUAL(smg_gateway_stats(gateway, NULL, NULL), SMG_E_ARGUMENT);
    CHECK_EQUAL(smg_gateway_worker_add(gateway, null_data, NULL, NULL), SMG_E_ARGUMENT);
    CHECK_EQUAL(smg_gateway_worker_remove(gateway, smg_bytes_of("\xff"), NULL), SMG_E_ARGUMENT);
    CHECK_EQUAL(smg_gateway_worker_remove(gateway, smg_bytes_of(""), NULL), SMG_E_WORKER_NOT_FOUND);
    CHECK_EQUAL(smg_gateway_worker_add(gateway, smg_bytes_of(""), NULL, NULL), SMG_E_WORKER_INVALID);
    CHECK_EQUAL(smg_gateway_worker_add(gateway, smg_bytes_of("{"), NULL, &error), SMG_E_WORKER_INVALID);
    CHECK_TEXT(smg_error_name(error), "json_parse_error");
    smg_error_destroy(error);
    CHECK_EQUAL(smg_gateway_worker_add(gateway, smg_bytes_of("{}"), NULL, &error), SMG_E_WORKER_INVALID);
    CHECK_TEXT(smg_error_name(error), "missing_required_parameter");
    CHECK_CONTAINS(smg_error_detail_json(error), "\"param\":\"url\"");
    smg_error_destroy(error);
    CHECK_EQUAL(smg_gateway_worker_add(gateway, smg_bytes_of("{\"url\": \"x\"}"), NULL, NULL), SMG_E_WORKER_INVALID);
    CHECK_EQUAL(smg_gateway_stop(gateway, INT64_MAX, NULL), SMG_OK);
    CHECK_EQUAL(smg_gateway_wait(gateway, INT64_MAX, NULL), SMG_OK);
    smg_gateway_destroy(gateway);
}

static void test_command_lines(void) {
    const char *help[] = {"--help"}, *wrong[] = {"--no-such-option"}, *good[] = {"--port", "0"}, *null[] = {NULL};
    const char *check[] = {"--check-config", "--worker-urls", "http://127.0.0.1:1"}, *bytes[] = {"\xff"};
    smg_gateway *gateway = NULL;
    smg_buffer text = {NULL, 0};
    smg_error *error = NULL;
    CHECK_EQUAL(smg_gateway_create_from_arguments(help, 1, 100, &gateway, &text, &error), SMG_OK);
    CHECK(gateway == NULL);
    CHECK_CONTAINS((const char *)text.data, "--worker-urls");
    smg_buffer_destroy(&text);
    CHECK_EQUAL(smg_gateway_create_from_arguments(help, 1, -5, &gateway, &text, &error), SMG_OK);
    smg_buffer_destroy(&text);
    CHECK_EQUAL(smg_gateway_create_from_arguments(check, 3, 80, &gateway, &text, &error), SMG_OK);
    CHECK_CONTAINS((const char *)text.data, "configuration is valid");
    smg_buffer_destroy(&text);
    CHECK_EQUAL(smg_gateway_create_from_arguments(wrong, 1, 80, &gateway, &text, &error), SMG_E_CONFIG_OPTION);
    CHECK_CONTAINS(smg_error_message(error), "--no-such-option");
    smg_error_destroy(error);
    CHECK_EQUAL(smg_gateway_create_from_arguments(null, 1, 80, &gateway, &text, NULL), SMG_E_ARGUMENT);
    CHECK_EQUAL(smg_gateway_create_from_arguments(bytes, 1, 80, &gateway, &text, NULL), SMG_E_ARGUMENT);
    CHECK_EQUAL(smg_gateway_create_from_arguments(NULL, 1, 80, &gateway, &text, NULL), SMG_E_ARGUMENT);
    CHECK_EQUAL(smg_gateway_create_from_arguments(good, (size_t)-1, 80, &gateway, &text, NULL), SMG_E_ARGUMENT);
    CHECK_EQUAL(smg_gateway_create_from_arguments(good, 2, 80, NULL, &text, NULL), SMG_E_ARGUMENT);
    CHECK_EQUAL(smg_gateway_create_from_arguments(good, 2, 80, &gateway, NULL, NULL), SMG_E_ARGUMENT);
    CHECK_EQUAL(smg_gateway_create_from_arguments(good, 2, 80, &gateway, &text, &error), SMG_OK);
    CHECK(gateway != NULL && text.data == NULL && text.len == 0);
    smg_gateway_destroy(gateway);
    CHECK_EQUAL(smg_gateway_create_from_arguments(NULL, 0, 80, &gateway, &text, &error), SMG_OK);
    smg_gateway_destroy(gateway);
}

static void test_library(void) {
    smg_status known[] = {
        SMG_OK, SMG_E_ARGUMENT, SMG_E_STATE, SMG_E_FORKED, SMG_E_CONFIG, SMG_E_CONFIG_SYNTAX, SMG_E_CONFIG_OPTION,
        SMG_E_CONFIG_VALUE, SMG_E_CONFIG_CONFLICT, SMG_E_CONFIG_FILE, SMG_E_NETWORK, SMG_E_ADDRESS_IN_USE,
        SMG_E_NAME_NOT_RESOLVED, SMG_E_PERMISSION, SMG_E_TLS, SMG_E_WORKER, SMG_E_WORKER_NOT_FOUND,
        SMG_E_WORKER_EXISTS, SMG_E_WORKER_INVALID, SMG_E_LIMIT, SMG_E_TIMEOUT, SMG_E_INTERNAL,
    };
    size_t count = sizeof known / sizeof *known;
    char version[32];
    for (size_t i = 0; i < count; i++) {
        CHECK(strcmp(smg_status_name(known[i]), "unknown") != 0);
        for (size_t j = 0; j < i; j++) CHECK(strcmp(smg_status_name(known[i]), smg_status_name(known[j])) != 0);
    }
    CHECK_TEXT(smg_status_name(1), "unknown");
    CHECK_TEXT(smg_status_name(SMG_E_WORKER_NOT_FOUND), "worker_not_found");
    snprintf(version, sizeof version, "%d.%d.%d", SMG_VERSION_MAJOR, SMG_VERSION_MINOR, SMG_VERSION_PATCH);
    CHECK_TEXT(smg_version(), version);
    CHECK_CONTAINS(smg_build_info(), version);
    CHECK_CONTAINS(smg_config_schema(), "\"worker_urls\"");
    CHECK(smg_config_schema() == smg_config_schema());
    CHECK_EQUAL(smg_error_code(NULL), SMG_OK);
    CHECK_TEXT(smg_error_name(NULL), "ok");
    CHECK_TEXT(smg_error_message(NULL), "");
    CHECK_TEXT(smg_error_detail_json(NULL), "{}");
    CHECK_EQUAL(smg_error_retryable(NULL), 0);
    smg_error_destroy(NULL);
    CHECK_EQUAL(smg_bytes_of(NULL).len, 0);
}

static void test_limit(void) {
    static smg_gateway *gateways[SMG_MAX_GATEWAYS];
    smg_gateway *last = NULL;
    smg_error *error = NULL;
    for (int i = 0; i < SMG_MAX_GATEWAYS; i++) smg_gateway_create(smg_bytes_of("{}"), &gateways[i], NULL);
    CHECK(gateways[SMG_MAX_GATEWAYS - 1] != NULL);
    CHECK_EQUAL(smg_gateway_create(smg_bytes_of("{}"), &last, &error), SMG_E_LIMIT);
    CHECK_TEXT(smg_error_name(error), "too_many_gateways");
    smg_error_destroy(error);
    smg_gateway_destroy(gateways[0]);
    CHECK_EQUAL(smg_gateway_create(smg_bytes_of("{}"), &last, &error), SMG_OK);
    CHECK(last != gateways[0]);
    smg_gateway_destroy(last);
    for (int i = 0; i < SMG_MAX_GATEWAYS; i++) smg_gateway_destroy(gateways[i]);
}

int main(void) {
    test_library();
    test_configurations();
    test_create();
    test_handles();
    test_running();
    test_command_lines();
    test_limit();
    return check_end();
}
