// Making of requests: a chat completion whose prompt fills the body up to the wished size.
#define _GNU_SOURCE
#include "load_request.h"

#include "common.h"

#define TAIL_STAMP_BYTES 1024  // the part of a prompt that differs from request to request
#define MIN_PROMPT_BYTES 64    // gateways that validate refuse an empty prompt
#define NUMBER_BYTES 16        // of the counter written over the start of that part

/// Fills memory with words chosen by a multiplicative generator, the same for the same seed.
static void fill_words(char *at, size_t length, uint64_t seed) {
    static const char *const words[] = {
        "token ", "stream ", "prefix ", "worker ", "of ",    "the ",  "and ", "cache ",
        "model ", "answer ", "system ", "prompt ", "under ", "load ", "in ",  "queue ",
    };
    uint64_t state = seed * 2654435761u + 88172645463325252u;
    for (size_t done = 0; done < length;) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        const char *word = words[state >> 60];
        size_t bytes = strlen(word);
        if (bytes > length - done) bytes = length - done;
        memcpy(at + done, word, bytes);
        done += bytes;
    }
}

void build_request(struct load_request *request, const struct wish *wish, uint32_t variant) {
    char start[512];
    static const char end[] = "\"}]}";
    int start_bytes = snprintf(
        start, sizeof start,
        "{\"model\":\"bench\",\"stream\":%s,\"max_tokens\":256,"
        "\"stop\":[\"bench chunks=%u interval_ms=%u delay_ms=%u split=%d\"],"
        "\"messages\":[{\"role\":\"user\",\"content\":\"",
        wish->stream ? "true" : "false", wish->chunks, wish->interval_ms, wish->delay_ms, wish->split);
    size_t frame = (size_t)start_bytes + sizeof end - 1;
    size_t prompt = wish->body_bytes > frame + MIN_PROMPT_BYTES ? wish->body_bytes - frame : MIN_PROMPT_BYTES;

    char head[1024];
    int head_bytes = snprintf(head, sizeof head,
                              "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
                              "Content-Length: %zu\r\n\r\n",
                              wish->path, wish->host, frame + prompt);
    if (head_bytes >= (int)sizeof head) {
        fputs("stream_load: the URL is too long\n", stderr);
        exit(2);
    }
    request->length = (size_t)head_bytes + frame + prompt;
    request->bytes = must_alloc(request->length);
    char *at = mempcpy(mempcpy(request->bytes, head, (size_t)head_bytes), start, (size_t)start_bytes);
    fill_words(at, prompt, variant % PROMPT_VARIANTS + 1);
    memcpy(at + prompt, end, sizeof end - 1);
    if (prompt >= TAIL_STAMP_BYTES) request->stamp = at + prompt - TAIL_STAMP_BYTES;
}

void stamp_request(struct load_request *request, uint64_t number) {
    if (!request->stamp) return;
    for (int digit = NUMBER_BYTES - 1; digit >= 0; digit--) {
        request->stamp[digit] = (char)('0' + number % 10);
        number /= 10;
    }
}
