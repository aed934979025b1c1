// Creates keys and revokes them again through the control plane, so many pairs a second, until standard input ends.
//
//   churn PORT PAIRS-A-SECOND ORGANIZATION PERSON          KEYBEARER_BENCH_TOKEN: an operator's
//
// Four connections, each with a share of an even schedule; one that is late catches up. In C and a request a packet,
// since the program shares a core with the generator and should take nothing of it that can be measured.
// Prints JSON: how many pairs, over how many seconds, and the slowest creation and revocation in milliseconds.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "response.h"

enum { CONNECTIONS = 4, MOST_BYTES = 16384 };

typedef struct {
    int number, socket;
    long pairs;
    double slowest_create, slowest_revoke;
} worker;

static const char *token, *organization, *person;
static double rate, began;
static uint16_t port;
static atomic_bool ended;

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void fail(const char *what, const char *detail) {
    fprintf(stderr, "churn: %s: %s\n", what, detail);
    exit(1);
}

static int connected(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    struct timeval patience = {.tv_sec = 30};
    if (made < 0 || connect(made, (struct sockaddr *)&address, sizeof address) != 0) fail("connect", "refused");
    setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return made;
}

// The answer's body, which ends with a NUL, in `bytes`. Any status but the expected one ends the program.
static const char *call(int socket, const char *path, const char *body, int expected, char bytes[MOST_BYTES]) {
    int length = snprintf(bytes, MOST_BYTES,
                          "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\nKeybearer-Organization: %s\r\n"
                          "Keybearer-On-Behalf-Of: %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                          path, token, organization, person, strlen(body), body);
    if (length >= MOST_BYTES || send(socket, bytes, (size_t)length, MSG_NOSIGNAL) != length) fail(path, "not sent");
    size_t count = 0;
    while (count < MOST_BYTES - 1) {
        ssize_t received = recv(socket, bytes + count, MOST_BYTES - 1 - count, 0);
        if (received <= 0) fail(path, "no answer");
        count += (size_t)received;
        response_head head;
        head_state state = response_parse(bytes, count, &head);
        if (state == HEAD_WRONG) fail(path, "an answer that cannot be read");
        if (state == HEAD_PARTIAL || count < head.head + head.body) continue;
        bytes[count] = 0;
        if (head.status != expected) fail(path, bytes);
        return bytes + head.head;
    }
    fail(path, "an answer that is too long");
    return NULL;
}

static void wait_until(double due) {
    double left = due - seconds();
    if (left <= 0) return;
    struct timespec time = {.tv_sec = (time_t)left, .tv_nsec = (long)((left - (double)(time_t)left) * 1e9)};
    nanosleep(&time, NULL);
}

static double longer(double known, double since) {
    double span = seconds() - since;
    return span > known ? span : known;
}

static void *work(void *argument) {
    worker *it = argument;
    char bytes[MOST_BYTES], path[128];
    while (true) {
        wait_until(began + (double)(it->pairs * CONNECTIONS + it->number) / rate);
        if (ended) return NULL;
        double sent = seconds();
        const char *made = call(it->socket, "/v1/api-keys", "{\"name\":\"Churn\",\"permissions\":[\"project:deploy\"]}", 201, bytes);
        it->slowest_create = longer(it->slowest_create, sent);
        const char *id = strstr(made, "\"key_");
        if (id == NULL || snprintf(path, sizeof path, "/v1/api-keys/%.30s/revoke", id + 1) >= (int)sizeof path)
            fail("/v1/api-keys", "no identifier");
        sent = seconds();
        call(it->socket, path, "{}", 200, bytes);
        it->slowest_revoke = longer(it->slowest_revoke, sent);
        it->pairs++;
    }
}

int main(int count, char **words) {
    token = getenv("KEYBEARER_BENCH_TOKEN");
    port = count == 5 ? (uint16_t)atoi(words[1]) : 0;
    rate = count == 5 ? atof(words[2]) : 0;
    if (token == NULL || port == 0 || rate <= 0) {
        fputs("KEYBEARER_BENCH_TOKEN=… churn PORT PAIRS-A-SECOND ORGANIZATION PERSON\n", stderr);
        return 2;
    }
    organization = words[3], person = words[4];
    worker workers[CONNECTIONS];
    pthread_t threads[CONNECTIONS];
    began = seconds();
    for (int i = 0; i < CONNECTIONS; i++) {
        workers[i] = (worker){.number = i, .socket = connected()};
        if (pthread_create(&threads[i], NULL, work, &workers[i]) != 0) fail("thread", "not made");
    }
    struct pollfd input = {.fd = 0, .events = POLLIN};
    poll(&input, 1, -1);
    ended = true;
    double span = seconds() - began, create = 0, revoke = 0;
    long pairs = 0;
    for (int i = 0; i < CONNECTIONS; i++) {
        pthread_join(threads[i], NULL);
        close(workers[i].socket);
        pairs += workers[i].pairs;
        create = workers[i].slowest_create > create ? workers[i].slowest_create : create;
        revoke = workers[i].slowest_revoke > revoke ? workers[i].slowest_revoke : revoke;
    }
    printf("{\"created_and_revoked\":%ld,\"seconds\":%.3f,\"per_second\":%.1f,\"slowest_create_ms\":%.2f,\"slowest_revoke_ms\":%.2f}\n",
           pairs, span, (double)pairs / span, create * 1000, revoke * 1000);
}
