// OpenSSL for Swift: the library's headers, and functions for what they define as macros.
#ifndef COPENSSL_SHIM_H
#define COPENSSL_SHIM_H

#include <openssl/ssl.h>

#endif
