// The requests the load generator sends.
#ifndef SMG_BENCH_LOAD_REQUEST_H
#define SMG_BENCH_LOAD_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What to ask for; zero members ask for nothing.
struct wish {
    const char *host, *path;
    bool stream, split;
    uint32_t chunks, interval_ms, delay_ms;
    size_t body_bytes;  // size of the body; too small a one still gets a short prompt
};

/// One request in memory, head and body, that a connection sends again and again with another end of its prompt.
struct load_request {
    char *bytes;
    size_t length;
    char *stamp;  // bytes of the prompt that `stamp_request` changes, or NULL
};

/// Prompts that differ from their first word on; requests of one variant share all but the end.
#define PROMPT_VARIANTS 8u

/// Builds a request of a variant, counted modulo `PROMPT_VARIANTS`.
void build_request(struct load_request *request, const struct wish *wish, uint32_t variant);

/// Makes the end of the prompt unlike any before, as the question behind a long shared context is.
void stamp_request(struct load_request *request, uint64_t number);

#endif
