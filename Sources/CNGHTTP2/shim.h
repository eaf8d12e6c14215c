// The HTTP/2 framing and HPACK library. No logic here; imported by SMGHTTP only. Needs version 1.61, or an older one
// with its distribution's security fixes (nghttp2_option_set_max_continuations).
#ifndef CNGHTTP2_SHIM_H
#define CNGHTTP2_SHIM_H

#include <nghttp2/nghttp2.h>

#endif
