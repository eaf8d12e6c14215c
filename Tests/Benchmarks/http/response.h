// An incremental reader of HTTP/1.1 responses that counts server-sent events, for the load generator.
#ifndef SMG_BENCH_RESPONSE_H
#define SMG_BENCH_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Longest response head read; a longer one is broken.
#define RESPONSE_HEAD_BYTES 8192
/// Bytes of the event that ends a stream, `data: [DONE]` and an empty line.
#define RESPONSE_END_BYTES 14

/// Where the reader is in a response.
enum response_state {
    RESPONSE_HEAD,
    RESPONSE_LENGTH,      // in a body with Content-Length
    RESPONSE_CHUNK_SIZE,  // in the line before a chunk
    RESPONSE_CHUNK_DATA,
    RESPONSE_CHUNK_END,  // in the line end after a chunk
    RESPONSE_TRAILER,    // behind the last chunk
    RESPONSE_DONE,
    RESPONSE_BROKEN,
};

/// One response.
struct response {
    enum response_state state;
    int status;
    bool keep_alive;
    uint64_t left;         // bytes of the body or chunk still to come
    uint64_t payload;      // body bytes seen, framing not counted
    uint64_t events;       // events seen, `[DONE]` included: empty lines
    uint32_t line_bytes;   // of the current size or trailer line
    bool at_line_start;    // the last body byte was a line end
    size_t end_bytes;      // last bytes of the body, to recognise `[DONE]`
    char end[RESPONSE_END_BYTES];
    size_t head_bytes;
    char head[RESPONSE_HEAD_BYTES];
};

/// Makes ready for the next response.
void response_reset(struct response *response);

/// Reads bytes up to the end of the response or of `data`. Returns how many were read; see `state` for the rest.
size_t response_feed(struct response *response, const char *data, size_t length);

/// Whether the body ended with the event `data: [DONE]`.
bool response_ends_with_done(const struct response *response);

#endif
