// Reading of requests for the mock worker: the head, and the few knobs a body carries.
#ifndef SMG_BENCH_MOCK_REQUEST_H
#define SMG_BENCH_MOCK_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What a request asks for. Every generation endpoint has the same answer.
enum route {
    ROUTE_NOT_FOUND,
    ROUTE_HEALTH,
    ROUTE_MODELS,
    ROUTE_MODEL_INFO,
    ROUTE_SERVER_INFO,
    ROUTE_LOAD,
    ROUTE_LOADS,
    ROUTE_GENERATE,
    ROUTE_COUNT,
};

/// A request head.
struct request {
    enum route route;
    bool keep_alive;
    bool expects_continue;
    uint64_t body_bytes;
};

/// How a generation is answered: from the command line, then changed by the body.
struct knobs {
    bool stream;
    bool split;            // every event in a write of its own, when they are not paced anyway
    uint32_t chunks;       // events before `[DONE]`
    uint32_t interval_ms;  // pause between events; 0 = all at once
    uint32_t delay_ms;     // pause before the answer starts
};

/// The result of `parse_head` for a head that has not all arrived.
#define HEAD_INCOMPLETE 0
/// The result of `parse_head` for what this worker does not serve: an HTTP/2 preface, a chunked body, other text.
#define HEAD_REFUSED (-1)

/// Reads the request head at the start of `data`. Returns its bytes, or one of the two constants above.
long parse_head(const char *data, size_t length, struct request *request);

/// Changes `knobs` by what a piece of a JSON body says: `"stream":true`, and any string that starts with `bench `, as
/// in `"stop":["bench chunks=65 interval_ms=5 split=1 delay_ms=0"]`, each part optional. The load generator uses `stop`
/// because a gateway that decodes bodies and encodes them again passes it on; it drops `user` and unknown members.
void scan_knobs(const char *data, size_t length, struct knobs *knobs);

#endif
