// A closed-loop load generator for what wrk cannot do: event streams whose every event is counted and timed, and
// prompts of any size. One thread, one epoll set, HTTP/1.1 with keep-alive.
//
// Each connection sends a request, reads its answer to the end, and sends the next. A stream counts as good only if it
// has all the events asked for and ends with `[DONE]`. Prints `MEASURE` when the warm-up is over, `END` when counting
// has stopped (a driver reads CPU clocks at these lines), then `RESULT {json}`, times in microseconds.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <getopt.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "common.h"
#include "histogram.h"
#include "load_request.h"
#include "response.h"

#define READ_BYTES (256 * 1024)  // what one recv may bring
#define MAX_EVENTS 512           // readiness reports taken at once
#define MAX_ERRORS 1000          // with more, something is wrong that more load does not show better
#define MAX_CONNECTIONS 60000    // below the ports of one client address

/// One connection and its current exchange.
struct connection {
    int fd;  // -1 when not connected
    bool wants_write;
    struct load_request request;
    size_t sent;
    struct response response;
    uint64_t started_ns, first_ns, last_event_ns;  // of the exchange: begin, first body byte, last event
};

/// Options.
static struct {
    struct wish wish;
    struct sockaddr_in address;
    uint32_t connections;
    double seconds, warmup;
    uint64_t requests;  // stop after so many; 0 = when the time is over
} options = {.connections = 1, .seconds = 5, .wish = {.chunks = 65, .split = true}};

/// What is counted while measuring.
static struct {
    uint64_t requests, events, errors, reads;
    struct histogram latency, first, gap;  // ns: whole exchange, to the first body byte, between events
} totals;

static bool measuring;
static uint64_t exchanges;  // begun since the start; stamps prompts
static uint64_t all_errors;
static char first_error[128];
static int epoll_fd;
static char buffer[READ_BYTES];

// MARK: Exchanges

static void set_interest(struct connection *connection, bool write, int operation) {
    if (operation == EPOLL_CTL_MOD && connection->wants_write == write) return;
    connection->wants_write = write;
    struct epoll_event event = {.events = EPOLLIN | (write ? EPOLLOUT : 0u), .data.ptr = connection};
    if (epoll_ctl(epoll_fd, operation, connection->fd, &event) != 0) die("epoll_ctl");
}

static void connect_socket(struct connection *connection) {
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (connection->fd < 0) die("socket");
    disable_nagle(connection->fd);
    int result = connect(connection->fd, (struct sockaddr *)&options.address, sizeof options.address);
    if (result != 0 && errno != EINPROGRESS) die("connect");
    set_interest(connection, true, EPOLL_CTL_ADD);
}

static void disconnect(struct connection *connection) {
    close(connection->fd);
    connection->fd = -1;
}

/// Begins the next exchange, connecting if need be. The request is sent when the socket reports that it is writable.
static void begin_exchange(struct connection *connection) {
    connection->sent = 0;
    connection->first_ns = connection->last_event_ns = 0;
    response_reset(&connection->response);
    stamp_request(&connection->request, ++exchanges);
    connection->started_ns = now_ns();
    if (connection->fd < 0) connect_socket(connection);
}

static void fail(struct connection *connection, const char *why) {
    all_errors++;
    if (measuring) totals.errors++;
    if (!first_error[0]) {
        snprintf(first_error, sizeof first_error, "%s (status %d, %llu events, %llu body bytes)", why,
                 connection->response.status, (unsigned long long)connection->response.events,
                 (unsigned long long)connection->response.payload);
    }
    disconnect(connection);
    if (all_errors < MAX_ERRORS) begin_exchange(connection);
}

/// Sends what is left of the request. Returns false if the exchange failed.
static bool send_request(struct connection *connection) {
    while (connection->sent < connection->request.length) {
        ssize_t sent = send(connection->fd, connection->request.bytes + connection->sent,
                            connection->request.length - connection->sent, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            set_interest(connection, true, EPOLL_CTL_MOD);
            return true;
        }
        if (sent < 0) {
            fail(connection, "send failed");
            return false;
        }
        connection->sent += (size_t)sent;
    }
    set_interest(connection, false, EPOLL_CTL_MOD);
    return true;
}

/// What is wrong with a complete response, or NULL.
static const char *fault(const struct connection *connection) {
    const struct response *response = &connection->response;
    if (connection->sent < connection->request.length) return "answered before the request was sent";
    if (response->status != 200) return "status is not 200";
    if (response->payload == 0) return "empty answer";
    if (!options.wish.stream) return NULL;
    if (!response_ends_with_done(response)) return "stream without [DONE]";
    return response->events == options.wish.chunks + 1 ? NULL : "wrong number of events";
}

static void finish_exchange(struct connection *connection, uint64_t now) {
    const char *why = fault(connection);
    if (why) {
        fail(connection, why);
        return;
    }
    if (measuring) {
        totals.requests++;
        histogram_add(&totals.latency, now - connection->started_ns);
    }
    if (!connection->response.keep_alive) disconnect(connection);
    begin_exchange(connection);
    if (!connection->wants_write) send_request(connection);
}

/// Counts and times the events of one read. All but the first of them came without a gap.
static void note_events(struct connection *connection, uint64_t events, uint64_t now) {
    if (connection->first_ns == 0 && connection->response.payload > 0) {
        connection->first_ns = now;
        if (measuring) histogram_add(&totals.first, now - connection->started_ns);
    }
    if (events == 0) return;
    if (measuring) {
        totals.events += events;
        totals.reads++;
        if (connection->last_event_ns) histogram_add(&totals.gap, now - connection->last_event_ns);
        for (uint64_t i = 1; i < events; i++) histogram_add(&totals.gap, 0);
    }
    connection->last_event_ns = now;
}

static void on_readable(struct connection *connection) {
    ssize_t received = recv(connection->fd, buffer, sizeof buffer, 0);
    if (received < 0 && errno == EAGAIN) return;
    if (received <= 0) {
        fail(connection, received == 0 ? "closed early" : strerror(errno));
        return;
    }
    struct response *response = &connection->response;
    uint64_t before = response->events;
    size_t used = response_feed(response, buffer, (size_t)received);
    uint64_t now = now_ns();
    note_events(connection, response->events - before, now);
    if (response->state == RESPONSE_BROKEN) fail(connection, "broken response");
    else if (used < (size_t)received) fail(connection, "bytes behind the response");
    else if (response->state == RESPONSE_DONE) finish_exchange(connection, now);
}

// MARK: Run

/// Time over which the first requests are spread: that of one exchange, so that later ones stay spread too.
static double spread_seconds(void) {
    const struct wish *wish = &options.wish;
    double ms = wish->delay_ms + (wish->stream ? (double)wish->chunks * wish->interval_ms : 0);
    return options.requests > 0 ? 0 : ms / 1000;
}

static void say(const char *line) {
    puts(line);
    fflush(stdout);
}

/// One turn: begins connections that are due and handles what is ready.
static void turn(struct connection *connections, uint32_t *begun, double elapsed) {
    double spread = spread_seconds();
    uint32_t due = elapsed >= spread ? options.connections : (uint32_t)(elapsed / spread * options.connections);
    while (*begun < due) begin_exchange(&connections[(*begun)++]);

    struct epoll_event events[MAX_EVENTS];
    int count = epoll_wait(epoll_fd, events, MAX_EVENTS, *begun < options.connections ? 1 : 20);
    if (count < 0 && errno != EINTR) die("epoll_wait");
    for (int i = 0; i < count; i++) {
        struct connection *connection = events[i].data.ptr;
        if ((events[i].events & EPOLLOUT) && !send_request(connection)) continue;
        if (events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP)) on_readable(connection);
    }
}

/// Runs until the time is over or enough is done. Returns the seconds measured.
static double run(struct connection *connections) {
    uint64_t start = now_ns(), measured_from = 0;
    uint32_t begun = 0;
    for (;;) {
        uint64_t now = now_ns();
        double elapsed = (double)(now - start) / 1e9;
        if (!measuring && elapsed >= options.warmup) {
            measuring = true;
            measured_from = now;
            say("MEASURE");
        }
        bool enough = options.requests > 0 && totals.requests >= options.requests;
        if (enough || elapsed >= options.warmup + options.seconds || all_errors >= MAX_ERRORS) {
            say("END");
            return measuring ? (double)(now - measured_from) / 1e9 : 0;
        }
        turn(connections, &begun, elapsed);
    }
}

static void print_times(const char *name, const struct histogram *times) {
    printf(",\"%s\":{\"mean\":%.1f,\"p50\":%.1f,\"p99\":%.1f}", name, histogram_mean(times) / 1e3,
           histogram_quantile(times, 0.5) / 1e3, histogram_quantile(times, 0.99) / 1e3);
}

static void print_result(double seconds) {
    printf("RESULT {\"wall_s\":%.3f,\"requests\":%llu,\"events\":%llu,\"reads\":%llu,\"errors\":%llu,"
           "\"all_errors\":%llu",
           seconds, (unsigned long long)totals.requests, (unsigned long long)totals.events,
           (unsigned long long)totals.reads, (unsigned long long)totals.errors, (unsigned long long)all_errors);
    print_times("latency_us", &totals.latency);
    print_times("first_us", &totals.first);
    print_times("gap_us", &totals.gap);
    printf(",\"first_error\":\"%s\"}\n", first_error);
}

// MARK: Program

static void usage(void) {
    fputs(
        "stream_load --url http://ADDRESS:PORT/PATH [--connections N] [--seconds S] [--warmup S] [--requests N]\n"
        "            [--stream] [--chunks N] [--interval-ms N] [--split 0|1] [--delay-ms N] [--body-bytes N]\n"
        "  many streams:    --stream --connections 512 --chunks 200 --interval-ms 5 --warmup 1.5\n"
        "  one at a time:   --stream --chunks 65\n"
        "  large prompts:   --connections 150 --body-bytes 220000 --delay-ms 250\n"
        "  --requests       stop after so many answers, all connections starting at once\n"
        "  --chunks, --interval-ms, --split, --delay-ms  are asked of the mock worker in the body\n",
        stderr);
    exit(2);
}

static void parse_url(const char *url) {
    static char host[64];
    int port = 0, path = 0;
    char address[41];
    if (sscanf(url, "http://%40[0-9.]:%d%n", address, &port, &path) != 2 || url[path] != '/') usage();
    options.address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, address, &options.address.sin_addr) != 1) usage();
    snprintf(host, sizeof host, "%s:%d", address, port);
    options.wish.host = host;
    options.wish.path = url + path;
}

static void parse_options(int argc, char **argv) {
    static const struct option names[] = {
        {"url", required_argument, NULL, 'u'},         {"connections", required_argument, NULL, 'c'},
        {"seconds", required_argument, NULL, 't'},     {"warmup", required_argument, NULL, 'w'},
        {"requests", required_argument, NULL, 'r'},    {"stream", no_argument, NULL, 's'},
        {"chunks", required_argument, NULL, 'n'},      {"interval-ms", required_argument, NULL, 'i'},
        {"split", required_argument, NULL, 'p'},       {"delay-ms", required_argument, NULL, 'd'},
        {"body-bytes", required_argument, NULL, 'b'},  {0},
    };
    for (int option; (option = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        double number = optarg ? atof(optarg) : 0;
        if (number < 0) usage();
        switch (option) {
        case 'u': parse_url(optarg); break;
        case 'c': options.connections = (uint32_t)number; break;
        case 't': options.seconds = number; break;
        case 'w': options.warmup = number; break;
        case 'r': options.requests = (uint64_t)number; break;
        case 's': options.wish.stream = true; break;
        case 'n': options.wish.chunks = (uint32_t)number; break;
        case 'i': options.wish.interval_ms = (uint32_t)number; break;
        case 'p': options.wish.split = number != 0; break;
        case 'd': options.wish.delay_ms = (uint32_t)number; break;
        case 'b': options.wish.body_bytes = (size_t)number; break;
        default: usage();
        }
    }
    if (!options.wish.host || optind != argc) usage();
    if (options.connections < 1 || options.connections > MAX_CONNECTIONS) usage();
}

int main(int argc, char **argv) {
    parse_options(argc, argv);
    raise_file_limit(65536);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0) die("epoll_create1");
    struct connection *connections = must_alloc(options.connections * sizeof *connections);
    for (uint32_t i = 0; i < options.connections; i++) {
        connections[i].fd = -1;
        build_request(&connections[i].request, &options.wish, i);
    }
    print_result(run(connections));
    return all_errors >= MAX_ERRORS ? 1 : 0;
}
