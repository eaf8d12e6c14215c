// OpenSSL for Swift: the library's headers, functions for what they define as macros, and the socket BIO.
#ifndef COPENSSL_SHIM_H
#define COPENSSL_SHIM_H

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdint.h>
#include <sys/socket.h>

// A GNU name. Declared here instead of by _GNU_SOURCE, which would change the shape of types that other modules share.
extern char *secure_getenv(const char *name);
static inline char *copenssl_getenv(const char *name) { return secure_getenv(name); }

// MARK: Macros

static inline void copenssl_ctx_set_mode(SSL_CTX *ctx, long mode) { SSL_CTX_set_mode(ctx, mode); }

// Option values are 64-bit macros that Swift does not import.
static inline void copenssl_ctx_set_common_options(SSL_CTX *ctx) {
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
}

static inline void copenssl_ctx_set_server_options(SSL_CTX *ctx) {
    SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
}

static inline int copenssl_ctx_set_min_version(SSL_CTX *ctx, int version) {
    return SSL_CTX_set_min_proto_version(ctx, version) == 1;
}

static inline int copenssl_ctx_set_max_version(SSL_CTX *ctx, int version) {
    return SSL_CTX_set_max_proto_version(ctx, version) == 1;
}

static inline void copenssl_ctx_set_cache_mode(SSL_CTX *ctx, long mode) { SSL_CTX_set_session_cache_mode(ctx, mode); }

static inline void copenssl_ctx_set_read_ahead(SSL_CTX *ctx, int on) { SSL_CTX_set_read_ahead(ctx, on); }

static inline int copenssl_ctx_add1_chain_cert(SSL_CTX *ctx, X509 *certificate) {
    return SSL_CTX_add1_chain_cert(ctx, certificate) == 1;
}

static inline int copenssl_set_server_name(SSL *ssl, const char *name) {
    return SSL_set_tlsext_host_name(ssl, name) == 1;
}

static inline int copenssl_ssl_new_index(void) { return SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL); }

static inline int copenssl_error_is_system(unsigned long code) { return ERR_SYSTEM_ERROR(code); }
static inline int copenssl_error_library(unsigned long code) { return ERR_GET_LIB(code); }
static inline int copenssl_error_reason(unsigned long code) { return ERR_GET_REASON(code); }

// MARK: Socket BIO

// OpenSSL's own socket BIO calls write(), which raises SIGPIPE on a broken connection. A library must not change the
// process's signal dispositions, so this one calls send() with MSG_NOSIGNAL. The BIO's data is the descriptor.

static inline int copenssl_bio_descriptor(BIO *bio) { return (int)(intptr_t)BIO_get_data(bio); }

static inline int copenssl_bio_write(BIO *bio, const char *bytes, int count) {
    BIO_clear_retry_flags(bio);
    for (;;) {
        ssize_t sent = send(copenssl_bio_descriptor(bio), bytes, (size_t)count, MSG_NOSIGNAL);
        if (sent >= 0) return (int)sent;
        if (errno == EINTR) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) BIO_set_retry_write(bio);
        return -1;
    }
}

static inline int copenssl_bio_read(BIO *bio, char *bytes, int count) {
    BIO_clear_retry_flags(bio);
    for (;;) {
        ssize_t got = recv(copenssl_bio_descriptor(bio), bytes, (size_t)count, 0);
        if (got > 0) return (int)got;
        if (got == 0) {
            BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
            return 0;
        }
        if (errno == EINTR) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) BIO_set_retry_read(bio);
        return -1;
    }
}

static inline long copenssl_bio_ctrl(BIO *bio, int command, long number, void *pointer) {
    (void)number;
    (void)pointer;
    switch (command) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_EOF:
        return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    default:
        return 0;
    }
}

// The method object is made once and lives as long as the process.
static inline BIO_METHOD *copenssl_bio_method_new(void) {
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "smg socket");
    if (method == NULL) return NULL;
    BIO_meth_set_write(method, copenssl_bio_write);
    BIO_meth_set_read(method, copenssl_bio_read);
    BIO_meth_set_ctrl(method, copenssl_bio_ctrl);
    return method;
}

// The BIO does not own the descriptor.
static inline BIO *copenssl_bio_new(const BIO_METHOD *method, int descriptor) {
    BIO *bio = BIO_new(method);
    if (bio == NULL) return NULL;
    BIO_set_data(bio, (void *)(intptr_t)descriptor);
    BIO_set_init(bio, 1);
    return bio;
}

#endif
