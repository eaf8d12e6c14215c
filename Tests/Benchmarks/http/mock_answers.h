// The fixed texts the mock worker sends, built once at start.
#ifndef SMG_BENCH_MOCK_ANSWERS_H
#define SMG_BENCH_MOCK_ANSWERS_H

#include <sys/uio.h>

#include "mock_request.h"

/// All answers, complete with head or chunk framing, so that sending is only a matter of pointers.
struct answers {
    struct iovec whole[ROUTE_COUNT];  // an answer with Content-Length for each route
    struct iovec stream_head;         // head of an event stream
    struct iovec event;               // one event as one HTTP chunk
    struct iovec stream_end;          // the `[DONE]` event and the last chunk
};

/// Builds the texts for a model name, which must need no JSON escapes.
void build_answers(struct answers *answers, const char *model);

#endif
