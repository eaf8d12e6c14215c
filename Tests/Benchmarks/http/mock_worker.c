// A mock inference worker: one thread, one epoll set, HTTP/1.1 with keep-alive, fixed answers.
//
// It has to be faster than every proxy under test, so its bodies are counted instead of kept, its answers are texts
// made at start, and a request costs one recv and one send. See `usage` for options and `mock_request.h` for what a
// body may ask for. Prints `ready PORT...` when it listens.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <getopt.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "common.h"
#include "mock_answers.h"
#include "mock_request.h"
#include "timer_wheel.h"

#define MAX_FILES 65536         // connections and listeners together; the table below has this many places
#define MAX_PORTS 256           // listeners
#define MAX_EVENTS 512          // readiness reports taken at once
#define MAX_HEAD_BYTES 16384    // a longer request head closes the connection
#define READ_BYTES (256 * 1024) // what one recv may bring: 64 calls for a 16 MiB body
#define SAMPLE_BYTES 4096       // start of a body, searched for knobs
#define TAIL_BYTES 2048         // end of a longer body: gateways that encode again put the knobs behind the messages
#define MAX_PIECES 64           // pieces sent by one call

/// What a connection is doing.
enum phase { READING_HEAD, READING_BODY, ANSWERING };

/// One client connection.
struct connection {
    struct timer timer;  // first member, so that a timer is its connection
    int fd;
    enum phase phase;
    bool wants_write;  // EPOLLOUT is armed
    struct request request;
    struct knobs knobs;

    char *carry;  // a head that has not all arrived, or NULL
    size_t carry_bytes;
    uint64_t body_left;
    size_t sample_bytes, tail_bytes;
    char sample[SAMPLE_BYTES];
    char tail[TAIL_BYTES];

    uint32_t piece, pieces;  // next piece of the answer, and how many it has
    uint32_t allowed;        // pieces that may be sent by now
    size_t piece_offset;     // bytes of the next piece already sent
};

static struct answers answers;
static struct knobs default_knobs = {.chunks = 65, .split = true};
static struct wheel wheel;
static struct connection *connections[MAX_FILES];  // by file descriptor; NULL for a listener
static char scratch[MAX_HEAD_BYTES + READ_BYTES];
static int epoll_fd;
static uint64_t present_ms;  // the clock at the last look, which the wheel may be behind of

// MARK: Connections

static void set_interest(struct connection *connection, bool write) {
    if (connection->wants_write == write) return;
    connection->wants_write = write;
    struct epoll_event event = {.events = EPOLLIN | (write ? EPOLLOUT : 0u), .data.fd = connection->fd};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, connection->fd, &event) != 0) die("epoll_ctl");
}

static void close_connection(struct connection *connection) {
    wheel_cancel(&wheel, &connection->timer);
    connections[connection->fd] = NULL;
    close(connection->fd);
    free(connection->carry);
    free(connection);
}

static void accept_connections(int listener) {
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return;  // none left, or out of descriptors: the next readiness tries again
        if (fd >= MAX_FILES) {
            close(fd);
            continue;
        }
        disable_nagle(fd);
        struct connection *connection = must_alloc(sizeof *connection);
        connection->fd = fd;
        connections[fd] = connection;
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) die("epoll_ctl");
    }
}

// MARK: Answers

/// The text of one piece: the only one of a plain answer, or head, events and end of a stream.
static struct iovec piece_text(const struct connection *connection, uint32_t piece) {
    if (!connection->knobs.stream) return answers.whole[connection->request.route];
    if (piece == 0) return answers.stream_head;
    return piece + 1 == connection->pieces ? answers.stream_end : answers.event;
}

/// Marks `bytes` as sent.
static void advance_pieces(struct connection *connection, size_t bytes) {
    while (bytes > 0) {
        size_t left = piece_text(connection, connection->piece).iov_len - connection->piece_offset;
        if (bytes < left) {
            connection->piece_offset += bytes;
            return;
        }
        bytes -= left;
        connection->piece++;
        connection->piece_offset = 0;
    }
}

/// Sends what is allowed. Returns false if the connection was closed.
static bool send_pieces(struct connection *connection) {
    while (connection->piece < connection->allowed) {
        struct iovec pieces[MAX_PIECES];
        uint32_t most = connection->knobs.split ? 1 : MAX_PIECES;
        uint32_t count = 0;
        for (; count < most && connection->piece + count < connection->allowed; count++)
            pieces[count] = piece_text(connection, connection->piece + count);
        pieces[0].iov_base = (char *)pieces[0].iov_base + connection->piece_offset;
        pieces[0].iov_len -= connection->piece_offset;

        struct msghdr message = {.msg_iov = pieces, .msg_iovlen = count};
        ssize_t sent = sendmsg(connection->fd, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            set_interest(connection, true);
            return true;
        }
        if (sent < 0) {
            close_connection(connection);
            return false;
        }
        advance_pieces(connection, (size_t)sent);
    }
    set_interest(connection, false);
    if (connection->piece < connection->pieces) return true;
    if (!connection->request.keep_alive) {
        close_connection(connection);
        return false;
    }
    connection->phase = READING_HEAD;
    return true;
}

/// Begins the answer, when its delay is over.
static bool begin_answer(struct connection *connection) {
    const struct knobs *knobs = &connection->knobs;
    connection->piece = 0;
    connection->piece_offset = 0;
    connection->pieces = knobs->stream ? knobs->chunks + 2 : 1;
    connection->allowed = connection->pieces;
    if (knobs->stream && knobs->interval_ms > 0 && knobs->chunks > 0) {
        connection->allowed = 1;
        // The offset by descriptor keeps streams that started together from ticking together.
        uint64_t offset = (uint64_t)connection->fd % knobs->interval_ms;
        wheel_arm(&wheel, &connection->timer, wheel.now_ms + 1 + offset);
    }
    return send_pieces(connection);
}

/// The request is complete. Returns false if the connection was closed.
static bool answer(struct connection *connection) {
    connection->phase = ANSWERING;
    connection->knobs = default_knobs;
    if (connection->request.route != ROUTE_GENERATE) {
        connection->knobs.stream = false;
        return begin_answer(connection);
    }
    scan_knobs(connection->sample, connection->sample_bytes, &connection->knobs);
    scan_knobs(connection->tail, connection->tail_bytes, &connection->knobs);
    if (connection->knobs.delay_ms == 0) return begin_answer(connection);
    connection->allowed = connection->pieces = connection->piece = 0;
    wheel_arm(&wheel, &connection->timer, wheel.now_ms + connection->knobs.delay_ms);
    return true;
}

/// When the next event is due. A busy engine is late and stays late: catching up would send events in bursts,
/// which are cheaper to relay than the pace that was asked for.
static uint64_t next_tick(const struct connection *connection) {
    uint64_t next = connection->timer.due_ms + connection->knobs.interval_ms;
    return next > present_ms ? next : present_ms + connection->knobs.interval_ms;
}

/// The delay of an answer is over, or its next event is due.
static void on_timer(struct timer *timer) {
    struct connection *connection = (struct connection *)timer;
    if (connection->pieces == 0) {
        begin_answer(connection);
        return;
    }
    // A client that does not read gets no further events until it does: they are late, not lost.
    bool blocked = connection->piece < connection->allowed;
    if (!blocked) connection->allowed++;
    if (connection->allowed + 1 >= connection->pieces) connection->allowed = connection->pieces;
    else wheel_arm(&wheel, timer, next_tick(connection));
    if (!blocked) send_pieces(connection);
}

// MARK: Requests

/// Keeps the first bytes of a body and the last ones: that is where the knobs are.
static void note_body(struct connection *connection, const char *data, size_t length) {
    size_t room = SAMPLE_BYTES - connection->sample_bytes;
    size_t taken = length < room ? length : room;
    memcpy(connection->sample + connection->sample_bytes, data, taken);
    connection->sample_bytes += taken;
    data += taken;
    length -= taken;
    if (length >= TAIL_BYTES) {
        memcpy(connection->tail, data + length - TAIL_BYTES, TAIL_BYTES);
        connection->tail_bytes = TAIL_BYTES;
    } else if (length > 0) {
        size_t kept = connection->tail_bytes + length > TAIL_BYTES ? TAIL_BYTES - length : connection->tail_bytes;
        memmove(connection->tail, connection->tail + connection->tail_bytes - kept, kept);
        memcpy(connection->tail + kept, data, length);
        connection->tail_bytes = kept + length;
    }
}

/// Keeps an incomplete head for the next readiness. Returns false if it is too long.
static bool carry_over(struct connection *connection, const char *data, size_t length) {
    if (length > MAX_HEAD_BYTES) return false;
    if (!connection->carry) connection->carry = must_alloc(MAX_HEAD_BYTES);
    memcpy(connection->carry, data, length);
    connection->carry_bytes = length;
    return true;
}

/// Reads a head. Returns its bytes, 0 if it has to wait for more, -1 if the connection has to be closed.
static long take_head(struct connection *connection, const char *data, size_t length) {
    long head = parse_head(data, length, &connection->request);
    if (head == HEAD_REFUSED) return -1;
    if (head == HEAD_INCOMPLETE) return carry_over(connection, data, length) ? 0 : -1;
    connection->phase = READING_BODY;
    connection->body_left = connection->request.body_bytes;
    connection->sample_bytes = connection->tail_bytes = 0;
    if (connection->request.expects_continue && length == (size_t)head) {
        static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
        send(connection->fd, go_on, sizeof go_on - 1, MSG_NOSIGNAL);
    }
    return head;
}

/// Takes bytes that arrived; ends with the connection closed or waiting for more.
static void consume(struct connection *connection, const char *data, size_t length) {
    while (length > 0) {
        // Nobody may send while an answer is under way: this worker does no pipelining.
        if (connection->phase == ANSWERING) return close_connection(connection);
        if (connection->phase == READING_HEAD) {
            long head = take_head(connection, data, length);
            if (head < 0) return close_connection(connection);
            if (head == 0) return;
            data += head;
            length -= (size_t)head;
        }
        size_t taken = length < connection->body_left ? length : (size_t)connection->body_left;
        note_body(connection, data, taken);
        data += taken;
        length -= taken;
        connection->body_left -= taken;
        if (connection->body_left > 0) return;
        if (!answer(connection)) return;
    }
}

static void on_readable(struct connection *connection) {
    size_t carried = connection->carry_bytes;
    if (carried > 0) memcpy(scratch, connection->carry, carried);
    connection->carry_bytes = 0;
    ssize_t received = recv(connection->fd, scratch + carried, READ_BYTES, 0);
    if (received < 0 && errno == EAGAIN) {
        connection->carry_bytes = carried;
        return;
    }
    if (received <= 0) return close_connection(connection);
    consume(connection, scratch, carried + (size_t)received);
}

// MARK: Program

/// Listens on a port of the loopback interface, 0 for any free one. Returns the port.
static int listen_on(int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket");
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) die("bind");
    if (listen(fd, 4096) != 0) die("listen");
    socklen_t size = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0) die("getsockname");
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) die("epoll_ctl");
    return ntohs(address.sin_port);
}

static void serve(void) {
    struct epoll_event events[MAX_EVENTS];
    for (;;) {
        int count = epoll_wait(epoll_fd, events, MAX_EVENTS, wheel.armed > 0 ? 1 : -1);
        if (count < 0 && errno != EINTR) die("epoll_wait");
        present_ms = now_ns() / 1000000u;
        // An empty wheel is brought to the present first, so that what is armed below counts from now.
        if (wheel.armed == 0) wheel.now_ms = present_ms;
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            struct connection *connection = connections[fd];
            if (!connection) {
                accept_connections(fd);
                continue;
            }
            if ((events[i].events & EPOLLOUT) && !send_pieces(connection)) continue;
            if (events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP)) on_readable(connection);
        }
        if (wheel.armed > 0) wheel_advance(&wheel, present_ms, on_timer);
    }
}

static void usage(void) {
    fputs(
        "mock_worker [--ports N] [--base-port P] [--model NAME] [--chunks N] [--interval-ms N] [--split 0|1]\n"
        "            [--delay-ms N]\n"
        "  --ports        listeners on 127.0.0.1 (1)\n"
        "  --base-port    port of the first listener, the others follow; 0 takes free ones (0)\n"
        "  --model        name in the answers (bench)\n"
        "  --chunks       events of a stream before [DONE] (65)\n"
        "  --interval-ms  pause between events; 0 sends them all at once (0)\n"
        "  --split        1 writes unpaced events one by one, 0 together (1)\n"
        "  --delay-ms     pause before an answer (0)\n",
        stderr);
    exit(2);
}

int main(int argc, char **argv) {
    static const struct option options[] = {
        {"ports", required_argument, NULL, 'n'},    {"base-port", required_argument, NULL, 'p'},
        {"model", required_argument, NULL, 'm'},    {"chunks", required_argument, NULL, 'c'},
        {"interval-ms", required_argument, NULL, 'i'}, {"split", required_argument, NULL, 's'},
        {"delay-ms", required_argument, NULL, 'd'}, {0},
    };
    int ports = 1, base_port = 0;
    const char *model = "bench";
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        int number = optarg ? atoi(optarg) : 0;
        switch (option) {
        case 'n': ports = number; break;
        case 'p': base_port = number; break;
        case 'm': model = optarg; break;
        case 'c': default_knobs.chunks = (uint32_t)number; break;
        case 'i': default_knobs.interval_ms = (uint32_t)number; break;
        case 's': default_knobs.split = number != 0; break;
        case 'd': default_knobs.delay_ms = (uint32_t)number; break;
        default: usage();
        }
    }
    if (ports < 1 || ports > MAX_PORTS || optind != argc) usage();

    raise_file_limit(MAX_FILES);
    build_answers(&answers, model);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0) die("epoll_create1");
    fputs("ready", stdout);
    for (int i = 0; i < ports; i++) printf(" %d", listen_on(base_port ? base_port + i : 0));
    puts("");
    fflush(stdout);
    serve();
}
