// Reading of responses, at every split a network can bring. Counts and checks, keeps nothing.
#define _GNU_SOURCE
#include "response.h"

#include <strings.h>

#include "common.h"

void response_reset(struct response *response) {
    memset(response, 0, offsetof(struct response, head));
}

bool response_ends_with_done(const struct response *response) {
    if (response->end_bytes < RESPONSE_END_BYTES) return false;
    return memcmp(response->end, "data: [DONE]\n\n", RESPONSE_END_BYTES) == 0;
}

/// Finds a header, its name given as `\r\nname:`; returns its value or NULL.
static const char *header(const char *head, const char *name) {
    const char *at = strcasestr(head, name);
    if (!at) return NULL;
    at += strlen(name);
    while (*at == ' ') at++;
    return at;
}

/// Reads the complete head in `response->head`, which ends with a zero byte.
static enum response_state parse_response_head(struct response *response) {
    const char *head = response->head;
    const char *end = head + response->head_bytes;
    if (strncmp(head, "HTTP/1.1 ", 9) != 0) return RESPONSE_BROKEN;
    response->status = (int)parse_number(head + 9, end);
    const char *connection = header(head, "\r\nconnection:");
    response->keep_alive = !connection || strncasecmp(connection, "close", 5) != 0;
    const char *length = header(head, "\r\ncontent-length:");
    if (length) {
        response->left = parse_number(length, end);
        return response->left > 0 ? RESPONSE_LENGTH : RESPONSE_DONE;
    }
    const char *encoding = header(head, "\r\ntransfer-encoding:");
    return encoding && strncasecmp(encoding, "chunked", 7) == 0 ? RESPONSE_CHUNK_SIZE : RESPONSE_BROKEN;
}

static size_t feed_head(struct response *response, const char *data, size_t length) {
    size_t before = response->head_bytes;
    size_t room = RESPONSE_HEAD_BYTES - 1 - before;
    size_t taken = length < room ? length : room;
    memcpy(response->head + before, data, taken);
    const char *end = find(response->head, before + taken, "\r\n\r\n");
    if (!end) {
        response->head_bytes += taken;
        if (taken == room) response->state = RESPONSE_BROKEN;
        return taken;
    }
    response->head_bytes = (size_t)(end - response->head) + 4;
    response->head[response->head_bytes] = 0;
    response->state = parse_response_head(response);
    return response->head_bytes - before;
}

/// Counts empty lines and keeps the last bytes of the body.
static void note_payload(struct response *response, const char *data, size_t length) {
    response->payload += length;
    const char *at = data, *end = data + length;
    while (at < end) {
        if (response->at_line_start && *at == '\n') {
            response->events++;
            response->at_line_start = false;
            at++;
            continue;
        }
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        response->at_line_start = newline != NULL;
        at = newline ? newline + 1 : end;
    }
    size_t fresh = length < RESPONSE_END_BYTES ? length : RESPONSE_END_BYTES;
    size_t kept = response->end_bytes < RESPONSE_END_BYTES - fresh ? response->end_bytes : RESPONSE_END_BYTES - fresh;
    memmove(response->end, response->end + response->end_bytes - kept, kept);
    memcpy(response->end + kept, end - fresh, fresh);
    response->end_bytes = kept + fresh;
}

/// Takes body bytes; with the last of them goes on to `then`.
static size_t feed_payload(struct response *response, const char *data, size_t length, enum response_state then) {
    size_t taken = length < response->left ? length : (size_t)response->left;
    note_payload(response, data, taken);
    response->left -= taken;
    if (response->left == 0) response->state = then;
    return taken;
}

static int hex_digit(char byte) {
    if (byte >= '0' && byte <= '9') return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/// One byte of the line before a chunk.
static void feed_chunk_size(struct response *response, char byte) {
    if (byte == '\n') {
        if (response->line_bytes == 0) response->state = RESPONSE_BROKEN;
        else response->state = response->left > 0 ? RESPONSE_CHUNK_DATA : RESPONSE_TRAILER;
        response->line_bytes = 0;
        return;
    }
    if (byte == '\r') return;
    int digit = hex_digit(byte);
    if (digit < 0 || response->left >> 40) response->state = RESPONSE_BROKEN;
    response->left = response->left * 16 + (uint64_t)digit;
    response->line_bytes++;
}

/// One byte of framing: of a line before, after or behind chunks.
static void feed_framing(struct response *response, char byte) {
    switch (response->state) {
    case RESPONSE_CHUNK_SIZE:
        feed_chunk_size(response, byte);
        break;
    case RESPONSE_CHUNK_END:
        if (byte == '\n') response->state = RESPONSE_CHUNK_SIZE;
        else if (byte != '\r') response->state = RESPONSE_BROKEN;
        break;
    default:
        if (byte == '\n') {
            if (response->line_bytes == 0) response->state = RESPONSE_DONE;
            response->line_bytes = 0;
        } else if (byte != '\r') {
            response->line_bytes++;
        }
    }
}

size_t response_feed(struct response *response, const char *data, size_t length) {
    size_t at = 0;
    while (at < length && response->state < RESPONSE_DONE) {
        switch (response->state) {
        case RESPONSE_HEAD:
            at += feed_head(response, data + at, length - at);
            break;
        case RESPONSE_LENGTH:
            at += feed_payload(response, data + at, length - at, RESPONSE_DONE);
            break;
        case RESPONSE_CHUNK_DATA:
            at += feed_payload(response, data + at, length - at, RESPONSE_CHUNK_END);
            break;
        default:
            feed_framing(response, data[at++]);
        }
    }
    return at;
}
