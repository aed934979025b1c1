// What this machine can do at most: HTTP/1.1 with keep-alive on bare epoll in one thread, the key from
// `Authorization: Bearer`, its checksum, its SHA-256, one lookup, and 200 or 401. No policy, no limits, no counting,
// and only as much of HTTP as the generator speaks: it is a yardstick, not a server.
//
//   ceiling PORT KEY-FILE
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "keys.h"

enum { EVENTS = 256, BUFFER = 16384 };

typedef struct {
    int fd;
    size_t received;
    char buffer[BUFFER];
} connection;

static const char known_answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
static const char unknown_answer[] =
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\nContent-Length: 0\r\n\r\n";

static void fail(const char *what) {
    fprintf(stderr, "ceiling: %s: %s\n", what, strerror(errno));
    exit(2);
}

static key_table read_keys(const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL) fail(path);
    size_t count = 0;
    char line[256];
    while (fgets(line, sizeof line, file) != NULL) count++;
    rewind(file);
    key_table table = table_make(count);
    while (fgets(line, sizeof line, file) != NULL) {
        if (strcspn(line, "\r\n") != KEY_LENGTH || !key_is_well_formed((uint8_t *)line)) {
            fprintf(stderr, "ceiling: %s holds a line that is no key\n", path);
            exit(2);
        }
        digest d = sha256_of_key((uint8_t *)line);
        table_insert(&table, &d);
    }
    fclose(file);
    return table;
}

// The credential between a request's first line and its end.
static bool is_allowed(const key_table *table, const char *head, const char *end) {
    static const char name[] = "authorization:";
    for (const char *line = memchr(head, '\n', (size_t)(end - head)); line != NULL && line < end;
         line = memchr(line, '\n', (size_t)(end - line))) {
        line++;
        if ((*line | 0x20) != 'a' || strncasecmp(line, name, sizeof name - 1) != 0) continue;
        const char *value = line + sizeof name - 1;
        while (*value == ' ') value++;
        if (strncasecmp(value, "Bearer ", 7) != 0) return false;
        value += 7;
        return end - value >= KEY_LENGTH && value[KEY_LENGTH] == '\r' && key_is_known(table, (const uint8_t *)value);
    }
    return false;
}

// Answers what is there; false when the connection is over.
static bool serve(const key_table *table, connection *c) {
    while (true) {
        size_t room = BUFFER - c->received;
        ssize_t count = recv(c->fd, c->buffer + c->received, room, MSG_DONTWAIT);
        if (count < 0) return errno == EAGAIN || errno == EINTR;
        if (count == 0) return false;
        c->received += (size_t)count;
        char *start = c->buffer, *end;
        while ((end = memmem(start, c->received, "\r\n\r\n", 4)) != NULL) {
            bool allowed = memcmp(start, "GET ", 4) == 0 && is_allowed(table, start, end);
            const char *answer = allowed ? known_answer : unknown_answer;
            size_t length = allowed ? sizeof known_answer - 1 : sizeof unknown_answer - 1;
            if (send(c->fd, answer, length, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)length) return false;
            c->received -= (size_t)(end + 4 - start);
            start = end + 4;
        }
        if (c->received == BUFFER) return false;
        if (start != c->buffer) memmove(c->buffer, start, c->received);
        // Edge-triggered: a read that did not fill its room has emptied the socket.
        if ((size_t)count < room) return true;
    }
}

static int listen_on(int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 1024) < 0) fail("listen");
    return fd;
}

static void accept_all(int listener, int queue) {
    for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        connection *c = malloc(sizeof *c);
        if (c == NULL) fail("memory");
        c->fd = fd, c->received = 0;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = c};
        if (epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
    }
}

int main(int count, char **words) {
    if (count != 3) { fputs("ceiling PORT KEY-FILE\n", stderr); return 2; }
    require_sha_instructions("ceiling");
    key_table table = read_keys(words[2]);
    int listener = listen_on(atoi(words[1])), queue = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event listening = {.events = EPOLLIN, .data.ptr = NULL}, events[EVENTS];
    if (epoll_ctl(queue, EPOLL_CTL_ADD, listener, &listening) < 0) fail("epoll_ctl");
    while (true) {
        int ready = epoll_wait(queue, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            connection *c = events[i].data.ptr;
            if (c == NULL) { accept_all(listener, queue); continue; }
            if (serve(&table, c)) continue;
            close(c->fd);
            free(c);
        }
    }
}
