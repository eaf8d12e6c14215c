// A worker that answers everything, and a client, both as small as HTTP allows. For 127.0.0.1 only.
#ifndef SMG_TEST_HTTP_H
#define SMG_TEST_HTTP_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static const char worker_answer[] =
    "{\"id\":\"chat-1\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":"
    "{\"role\":\"assistant\",\"content\":\"hello from the worker\"},\"finish_reason\":\"stop\"}]}";

// Reads one request, head and body, into `text`; false when the peer has ended.
static inline int http_read(int fd, char *text, size_t capacity) {
    size_t len = 0, wanted = 0;
    for (;;) {
        ssize_t count = read(fd, text + len, capacity - 1 - len);
        if (count <= 0) return 0;
        len += (size_t)count;
        text[len] = 0;
        const char *end = strstr(text, "\r\n\r\n");
        if (!end) continue;
        if (!wanted) {
            const char *field = strcasestr(text, "content-length:");
            wanted = (size_t)(end + 4 - text) + (field && field < end ? (size_t)atol(field + 15) : 0);
        }
        if (len >= wanted) return 1;
    }
}

static void *worker_connection(void *argument) {
    int fd = (int)(intptr_t)argument;
    char request[1 << 16], answer[1024];
    while (http_read(fd, request, sizeof request)) {
        int len = snprintf(
            answer, sizeof answer, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n\r\n%s",
            strlen(worker_answer), worker_answer);
        if (write(fd, answer, (size_t)len) != len) break;
    }
    close(fd);
    return NULL;
}

static void *worker_accept(void *argument) {
    int listener = (int)(intptr_t)argument, fd;
    while ((fd = accept(listener, NULL, NULL)) >= 0) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, worker_connection, (void *)(intptr_t)fd) == 0) pthread_detach(thread);
    }
    return NULL;
}

// Starts a worker on threads that end with the process; returns its port.
static inline int worker_start(void) {
    struct sockaddr_in address = {0};
    socklen_t len = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, len) != 0 || listen(listener, 64) != 0) abort();
    getsockname(listener, (struct sockaddr *)&address, &len);
    pthread_t thread;
    if (pthread_create(&thread, NULL, worker_accept, (void *)(intptr_t)listener) != 0) abort();
    pthread_detach(thread);
    return ntohs(address.sin_port);
}

// Sends one request and reads until the peer closes; the status, or -1.
static inline int http_request(
    int port, const char *method, const char *path, const char *body, char *answer, size_t capacity) {
    struct sockaddr_in address = {0};
    char head[512];
    int fd = socket(AF_INET, SOCK_STREAM, 0), status = -1;
    size_t len = 0;
    ssize_t count;
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)port);
    answer[0] = 0;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
        int head_len = snprintf(
            head, sizeof head,
            "%s %s HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n"
            "content-length: %zu\r\n\r\n",
            method, path, strlen(body));
        if (write(fd, head, (size_t)head_len) == head_len && write(fd, body, strlen(body)) == (ssize_t)strlen(body)) {
            while (len < capacity - 1 && (count = read(fd, answer + len, capacity - 1 - len)) > 0) len += (size_t)count;
            answer[len] = 0;
            sscanf(answer, "HTTP/1.1 %d", &status);
        }
    }
    close(fd);
    return status;
}

#endif
