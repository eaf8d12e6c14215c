// The mock worker's reading of requests. Only what load generators and gateways send has to be understood.
#define _GNU_SOURCE
#include "mock_request.h"

#include <strings.h>

#include "common.h"

/// The paths served, for any method.
static const struct {
    const char *path;
    enum route route;
} routes[] = {
    {"/v1/chat/completions", ROUTE_GENERATE},
    {"/v1/completions", ROUTE_GENERATE},
    {"/v1/responses", ROUTE_GENERATE},
    {"/v1/messages", ROUTE_GENERATE},
    {"/generate", ROUTE_GENERATE},
    {"/health", ROUTE_HEALTH},
    {"/health_generate", ROUTE_HEALTH},
    {"/flush_cache", ROUTE_HEALTH},
    {"/v1/models", ROUTE_MODELS},
    {"/model_info", ROUTE_MODEL_INFO},
    {"/get_model_info", ROUTE_MODEL_INFO},
    {"/server_info", ROUTE_SERVER_INFO},
    {"/get_server_info", ROUTE_SERVER_INFO},
    {"/get_load", ROUTE_LOAD},
    {"/v1/loads", ROUTE_LOADS},
};

static enum route route_of(const char *path, size_t length) {
    const char *query = memchr(path, '?', length);
    if (query) length = (size_t)(query - path);
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (strlen(routes[i].path) == length && memcmp(routes[i].path, path, length) == 0) return routes[i].route;
    }
    return ROUTE_NOT_FOUND;
}

/// Reads `METHOD path HTTP/1.x`; false for anything else.
static bool parse_request_line(const char *line, const char *end, struct request *request) {
    const char *path = memchr(line, ' ', (size_t)(end - line));
    if (!path) return false;
    path++;
    const char *version = memchr(path, ' ', (size_t)(end - path));
    if (!version || end - version != 9 || memcmp(version, " HTTP/1.", 8) != 0) return false;
    request->route = route_of(path, (size_t)(version - path));
    request->keep_alive = version[8] == '1';
    return true;
}

/// Whether the line is the header `name` (given with its colon); `*value` then points behind the colon and blanks.
static bool is_header(const char *line, const char *end, const char *name, const char **value) {
    size_t length = strlen(name);
    if ((size_t)(end - line) < length || strncasecmp(line, name, length) != 0) return false;
    const char *at = line + length;
    while (at < end && *at == ' ') at++;
    *value = at;
    return true;
}

/// Takes over one header line; false if the request cannot be served because of it.
static bool parse_header(const char *line, const char *end, struct request *request) {
    const char *value;
    switch (*line | 0x20) {  // first letter in lower case: most lines are passed over at once
    case 'c':
        if (is_header(line, end, "content-length:", &value)) request->body_bytes = parse_number(value, end);
        else if (is_header(line, end, "connection:", &value))
            request->keep_alive = end - value < 5 || strncasecmp(value, "close", 5) != 0;
        return true;
    case 'e':
        if (is_header(line, end, "expect:", &value)) request->expects_continue = true;
        return true;
    case 't':
        return !is_header(line, end, "transfer-encoding:", &value);
    default:
        return true;
    }
}

long parse_head(const char *data, size_t length, struct request *request) {
    static const char preface[] = "PRI * HTTP/2.0\r\n";
    if (length >= sizeof preface - 1 && memcmp(data, preface, sizeof preface - 1) == 0) return HEAD_REFUSED;
    const char *blank = find(data, length, "\r\n\r\n");
    if (!blank) return HEAD_INCOMPLETE;

    *request = (struct request){.route = ROUTE_NOT_FOUND};
    const char *line = data;
    const char *end = memchr(line, '\r', (size_t)(blank - line) + 1);
    if (!end || !parse_request_line(line, end, request)) return HEAD_REFUSED;
    while (end < blank) {
        line = end + 2;
        if (line >= blank) break;
        end = memchr(line, '\r', (size_t)(blank - line) + 1);
        if (!end || !parse_header(line, end, request)) return HEAD_REFUSED;
    }
    return blank - data + 4;
}

/// The value of `name` (given with its `=`) in the knob text, or `otherwise`.
static uint32_t knob(const char *text, const char *end, const char *name, uint32_t otherwise) {
    const char *at = find(text, (size_t)(end - text), name);
    if (!at) return otherwise;
    uint64_t value = parse_number(at + strlen(name), end);
    return value > 1000000 ? 1000000 : (uint32_t)value;
}

void scan_knobs(const char *data, size_t length, struct knobs *knobs) {
    const char *end = data + length;
    static const char member[] = "\"stream\":";
    const char *stream = find(data, length, member);
    if (stream) {
        stream += sizeof member - 1;
        while (stream < end && *stream == ' ') stream++;
        if (end - stream >= 4) knobs->stream = memcmp(stream, "true", 4) == 0;
    }
    const char *text = find(data, length, "\"bench ");
    if (!text) return;
    const char *close = memchr(text + 1, '"', (size_t)(end - text - 1));
    if (!close) return;
    knobs->chunks = knob(text, close, "chunks=", knobs->chunks);
    knobs->interval_ms = knob(text, close, "interval_ms=", knobs->interval_ms);
    knobs->delay_ms = knob(text, close, "delay_ms=", knobs->delay_ms);
    knobs->split = knob(text, close, "split=", knobs->split) != 0;
}
