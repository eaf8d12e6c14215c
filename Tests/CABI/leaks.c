// Gateways come and go: threads, descriptors and memory come back.
#define _GNU_SOURCE
#include <dirent.h>
#include <smg.h>

#include "check.h"
#include "http.h"

// Rounds that are measured, after those that fill pools and caches.
enum { ROUNDS = 50, WARM_UP = 10 };
// What the measured rounds may add to the resident memory: far below what one gateway takes, times ROUNDS.
enum { GROWTH_KIB = 8 * 1024 };

static int entries(const char *path) {
    DIR *directory = opendir(path);
    int count = 0;
    if (!directory) return -1;
    while (readdir(directory)) count++;
    closedir(directory);
    return count;
}

static long resident_kib(void) {
    long total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file) return -1;
    if (fscanf(file, "%ld %ld", &total, &resident) != 2) resident = -1;
    fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

// Whether the gateway's one worker gets requests; looks for 5 s at most.
static int is_served(smg_gateway *gateway) {
    for (int i = 0; i < 500; i++) {
        smg_buffer list = {NULL, 0};
        if (smg_gateway_workers(gateway, &list, NULL) != SMG_OK) return 0;
        int ready = strstr((const char *)list.data, "\"status\":\"ready\"") != NULL;
        smg_buffer_destroy(&list);
        if (ready) return 1;
        usleep(10000);
    }
    return 0;
}

// One gateway with a worker, a request, and an end with or without start, answer and stop.
static void round_trip(int number, int worker_port) {
    static const char config[] =
        "{\"host\":\"127.0.0.1\",\"port\":0,\"prometheus_host\":\"127.0.0.1\",\"prometheus_port\":0,"
        "\"event_loops\":2,\"log_level\":\"error\"}";
    static const char chat[] = "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    char worker[128], answer[4096];
    smg_gateway *gateway = NULL;
    snprintf(worker, sizeof worker, "{\"url\":\"http://127.0.0.1:%d\"}", worker_port);
    if (smg_gateway_create(smg_bytes_of(config), &gateway, NULL) != SMG_OK) failed++;
    if (number % 5 != 4) {
        if (smg_gateway_start(gateway, NULL) != SMG_OK) failed++;
        if (smg_gateway_worker_add(gateway, smg_bytes_of(worker), NULL, NULL) != SMG_OK) failed++;
        int port = smg_gateway_port(gateway), answered = number % 3 == 0;
        if (answered && !is_served(gateway)) failed++;
        int status = http_request(port, "POST", "/v1/chat/completions", chat, answer, sizeof answer);
        if (answered ? status != 200 : status < 200) failed++;
        if (number % 2 && smg_gateway_stop(gateway, 100, NULL) != SMG_OK) failed++;
    }
    smg_gateway_destroy(gateway);
}

int main(void) {
    int worker_port = worker_start(), threads = 0, descriptors = 0;
    long memory = 0;
    for (int i = 0; i < WARM_UP + ROUNDS; i++) {
        if (i == WARM_UP) {
            threads = entries("/proc/self/task");
            descriptors = entries("/proc/self/fd");
            memory = resident_kib();
        }
        round_trip(i, worker_port);
    }
    // The worker's own threads end when they see the end of their connections.
    for (int i = 0; i < 200 && entries("/proc/self/task") > threads; i++) usleep(10000);
    CHECK(entries("/proc/self/task") <= threads);
    CHECK(entries("/proc/self/fd") <= descriptors);
    long growth = resident_kib() - memory;
    if (growth > GROWTH_KIB) fprintf(stderr, "    grew by %ld KiB\n", growth);
    CHECK(growth <= GROWTH_KIB);
    return check_end();
}
