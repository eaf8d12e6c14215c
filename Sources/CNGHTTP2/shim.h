// The HTTP/2 framing and HPACK library. No logic here; imported by SMGHTTP only.
#ifndef CNGHTTP2_SHIM_H
#define CNGHTTP2_SHIM_H

// The same feature set as every other C target here: modules that see different system headers do not combine.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <nghttp2/nghttp2.h>

#endif
