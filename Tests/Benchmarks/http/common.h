// Small helpers shared by the mock worker and the load generator.
#ifndef SMG_BENCH_COMMON_H
#define SMG_BENCH_COMMON_H

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

/// Nanoseconds of the monotonic clock.
static inline uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/// Prints what failed with errno's text and ends the program.
static inline void die(const char *what) {
    perror(what);
    exit(1);
}

/// An allocation that ends the program instead of failing.
static inline void *must_alloc(size_t bytes) {
    void *memory = calloc(1, bytes);
    if (!memory) die("calloc");
    return memory;
}

/// Sends small writes at once: both programs measure what a proxy adds, not Nagle's algorithm of their own sockets.
static inline void disable_nagle(int fd) {
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/// Raises the soft limit of open files to the hard one, at most `wanted`.
static inline void raise_file_limit(rlim_t wanted) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    rlim_t target = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    if (limit.rlim_cur >= target) return;
    limit.rlim_cur = target;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/// The first place of `text` in `data`, or NULL.
static inline const char *find(const char *data, size_t length, const char *text) {
    return memmem(data, length, text, strlen(text));
}

/// Reads a decimal number, stopping at the first other byte or at `end`; numbers above 2^53 are cut there.
static inline uint64_t parse_number(const char *at, const char *end) {
    const uint64_t largest = (uint64_t)1 << 53;
    uint64_t value = 0;
    for (; at < end && *at >= '0' && *at <= '9' && value < largest; at++) value = value * 10 + (uint64_t)(*at - '0');
    return value < largest ? value : largest;
}

#endif
