// What Swift's Glibc module leaves out: GNU names, variadic calls and C unions. No logic here.
#ifndef CLINUX_H
#define CLINUX_H

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

// Declared here instead of by _GNU_SOURCE: that would change the shape of shared types (fd_set, rusage), and Swift refuses
// to load this module beside its own Glibc module then.
extern int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
extern void *memmem(const void *hay, size_t hay_len, const void *needle, size_t needle_len);
extern int pipe2(int ends[2], int flags);
extern int pthread_getname_np(pthread_t thread, char *name, size_t len);
extern int pthread_setname_np(pthread_t thread, const char *name);
extern int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set);

// getaddrinfo: the name exists without an address of the family (a GNU name).
static const int CLINUX_EAI_NODATA = -5;

// Swift has no power function of its own, and Glibc's name is a macro family there.
static inline double clinux_pow(double base, double exponent) { return pow(base, exponent); }

static inline int clinux_errno(void) { return errno; }

static inline int64_t clinux_monotonic_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Seconds by which local time is ahead of UTC at `seconds` since 1970. */
static inline long clinux_utc_offset(int64_t seconds) {
    time_t moment = (time_t)seconds;
    struct tm local;
    return localtime_r(&moment, &local) ? local.tm_gmtoff : 0;
}

static inline int64_t clinux_realtime_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline const void *clinux_memmem(const void *hay, size_t hay_len, const void *needle, size_t needle_len) {
    return memmem(hay, hay_len, needle, needle_len);
}

static inline const void *clinux_memchr(const void *hay, int byte, size_t len) { return memchr(hay, byte, len); }

static inline int clinux_accept(int fd, struct sockaddr_storage *address, socklen_t *length) {
    return accept4(fd, (struct sockaddr *)address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

// glibc gives these a transparent union, which Swift does not import.
static inline int clinux_bind(int fd, const struct sockaddr *address, socklen_t length) {
    return bind(fd, address, length);
}

static inline int clinux_connect(int fd, const struct sockaddr *address, socklen_t length) {
    return connect(fd, address, length);
}

static inline int clinux_getsockname(int fd, struct sockaddr_storage *address, socklen_t *length) {
    return getsockname(fd, (struct sockaddr *)address, length);
}

static inline ssize_t clinux_send2(int fd, const void *a, size_t a_len, const void *b, size_t b_len) {
    struct iovec parts[2] = {{(void *)a, a_len}, {(void *)b, b_len}};
    struct msghdr message;
    memset(&message, 0, sizeof message);
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

static inline int clinux_available_processors(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? __sched_cpucount(sizeof set, &set) : 1;
}

static inline int clinux_epoll_ctl(int epfd, int op, int fd, uint32_t events, uint64_t data) {
    struct epoll_event e;
    e.events = events;
    e.data.u64 = data;
    return epoll_ctl(epfd, op, fd, &e);
}

static inline int clinux_open_for_reading(const char *path) { return open(path, O_RDONLY | O_CLOEXEC); }

static inline int clinux_open_for_appending(const char *path) {
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

static inline int clinux_rename(const char *from, const char *to) { return rename(from, to); }

// The name of the next entry of a directory, valid until the next call for it; NULL behind the last one.
static inline const char *clinux_next_name(DIR *directory) {
    struct dirent *entry = readdir(directory);
    return entry ? entry->d_name : NULL;
}

static inline int clinux_duplicate(int fd) { return fcntl(fd, F_DUPFD_CLOEXEC, 3); }

static inline int clinux_is_regular_file(int fd) {
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

static inline int clinux_poll_writable(int fd, int timeout_ms) {
    struct pollfd query = {.fd = fd, .events = POLLOUT};
    return poll(&query, 1, timeout_ms);
}

// Zeroed address space that takes memory as it is touched, in small pages; NULL when there is none.
static inline void *clinux_reserve_memory(size_t len) {
    void *memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return NULL;
    madvise(memory, len, MADV_NOHUGEPAGE);
    return memory;
}

static inline uint64_t clinux_epoll_data(const struct epoll_event *e) { return e->data.u64; }

static inline int clinux_name_thread(const char *name) { return pthread_setname_np(pthread_self(), name); }

static inline ssize_t clinux_getrandom(void *out, size_t len) { return getentropy(out, len); }

// Columns of the terminal behind `fd`; 80 if it is none.
static inline int clinux_terminal_columns(int fd) {
    struct winsize size;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// Raises the soft limit of open descriptors to the hard one; the limit then in force.
static inline int64_t clinux_raise_open_files(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur > INT64_MAX ? INT64_MAX : (int64_t)limit.rlim_cur;
}

#endif
