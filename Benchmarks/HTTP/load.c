// A load generator for keep-alive HTTP/1.1 that costs less than what it measures: one thread on bare epoll, every
// request rendered beforehand, one clock reading a request. `load --help` says how to use it.
//
// Closed loop: each connection sends its next request when it has its answer. Open loop (--rate): requests are due
// at times that do not depend on the answers, and latency counts from when a request was due, so a server that
// stalls is charged for everybody who would have come meanwhile (no coordinated omission).
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "histogram.h"
#include "requests.h"
#include "response.h"

enum { RESPONSE_ROOM = 1 << 20, EVENTS = 256, DRAIN_SECONDS = 10 };

typedef struct {
    const char *name;
    request_set requests;
    int expected;
    const char *verdict;  // what a body has to say, once for each key asked about; NULL: only the status counts
    uint64_t statuses[600], answered, unexpected;
    histogram latency;
} traffic;

typedef struct {
    int fd;
    bool busy;
    traffic *class;
    const char *unsent;
    size_t unsent_count, received;
    response_head head;
    bool has_head;
    uint64_t due;
    char *buffer;
} connection;

static struct {
    struct sockaddr_storage address;
    socklen_t address_length;
    request_form form;
    int connections, seconds, warmup;
    double rate, other_share;
    bool allowed[600], even, sleeps;
    uint64_t random;
} options = {.form = {MODE_AUTHORIZE, "localhost", NULL, "Authorization: Bearer ", "project:deploy"},
             .connections = 32, .seconds = 10, .warmup = 2, .random = 1};

static traffic classes[2];
static connection *connections;
static size_t *idle, idle_first, idle_count;  // a ring, so that an open loop uses all the connections in turn
static int queue;
static uint64_t begin, end, errors, reconnects, answered_in_time;
static char wrong_answer[2048];  // the first one, for the message

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void fail(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void connect_to_server(connection *c) {
    int family = options.address.ss_family;
    c->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&options.address, options.address_length) < 0) fail("connect");
    if (family != AF_UNIX) setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    c->received = c->unsent_count = 0;
    c->has_head = c->busy = false;
    // Edge-triggered, and never changed again: no call but read and write in the loop.
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
    if (epoll_ctl(queue, EPOLL_CTL_ADD, c->fd, &event) < 0) fail("epoll_ctl");
}

static void set_idle(connection *c) {
    c->busy = false;
    idle[(idle_first + idle_count++) % (size_t)options.connections] = (size_t)(c - connections);
}

static void reconnect(connection *c, bool is_error) {
    close(c->fd);
    reconnects++;
    if (is_error) errors++;
    bool was_busy = c->busy;
    connect_to_server(c);
    if (was_busy) set_idle(c);
}

static bool flush(connection *c) {
    while (c->unsent_count > 0) {
        ssize_t sent = send(c->fd, c->unsent, c->unsent_count, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0) return errno == EAGAIN || errno == EINTR;
        c->unsent += sent;
        c->unsent_count -= (size_t)sent;
    }
    return true;
}

// Sends a request that was due at the given time; its class and key are drawn here.
static void start(connection *c, uint64_t due) {
    bool is_other = classes[1].requests.count > 0
        && (double)(random_next(&options.random) >> 11) * 0x1p-53 < options.other_share;
    c->class = &classes[is_other];
    const request_set *set = &c->class->requests;
    size_t index = random_below(&options.random, set->count);
    c->unsent = set->bytes + set->ends[(ptrdiff_t)index - 1];
    c->unsent_count = set->ends[index] - set->ends[(ptrdiff_t)index - 1];
    c->due = due;
    c->busy = true;
    if (!flush(c)) reconnect(c, true);
}

static void count_answer(connection *c, uint64_t now) {
    traffic *class = c->class;
    int status = c->head.status;
    bool right = status >= 100 && status < 600 && (status == class->expected || options.allowed[status]);
    if (right && status == 200 && class->verdict != NULL) {
        size_t wanted = options.form.mode == MODE_BATCH ? BATCH_SIZE : 1;
        right = count_of(class->verdict, c->buffer + c->head.head, c->head.body) == wanted;
    }
    if (!right && wrong_answer[0] == 0) {
        size_t length = c->received < sizeof wrong_answer - 1 ? c->received : sizeof wrong_answer - 1;
        memcpy(wrong_answer, c->buffer, length);
    }
    if (!right) class->unexpected++;  // during the warm-up too
    if (c->due < begin) return;
    class->statuses[status < 600 ? status : 0]++;
    class->answered++;
    if (now <= end) answered_in_time++;
    histogram_record(&class->latency, now - c->due);
}

// Reads what is there; true once the answer is complete.
static bool receive(connection *c) {
    while (c->busy) {
        size_t room = RESPONSE_ROOM - c->received;
        ssize_t count = recv(c->fd, c->buffer + c->received, room, MSG_DONTWAIT);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) return false;
        if (count <= 0) { reconnect(c, true); return false; }
        c->received += (size_t)count;
        if (!c->has_head) {
            head_state state = response_parse(c->buffer, c->received, &c->head);
            if (state == HEAD_WRONG || c->head.head + c->head.body > RESPONSE_ROOM) {
                fprintf(stderr, "load: not an answer with a length:\n%.*s\n", (int)c->received, c->buffer);
                exit(2);
            }
            c->has_head = state == HEAD_COMPLETE;
        }
        if (c->has_head && c->received >= c->head.head + c->head.body) return true;
        if ((size_t)count < room) return false;
    }
    return false;
}

static void finish(connection *c) {
    uint64_t now = now_ns();
    if (c->received != c->head.head + c->head.body) { fprintf(stderr, "load: more than one answer\n"); exit(2); }
    count_answer(c, now);
    c->received = 0;
    c->has_head = false;
    if (c->head.closes) { reconnect(c, false); return; }
    if (options.rate == 0 && now < end) start(c, now);
    else set_idle(c);
}

static void handle(struct epoll_event *event) {
    connection *c = event->data.ptr;
    if (c->unsent_count > 0 && !flush(c)) { reconnect(c, true); return; }
    if (c->busy && (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR))) {
        if (receive(c)) finish(c);
    } else if (event->events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) {
        reconnect(c, false);
    } else if (event->events & EPOLLIN) {
        char byte;  // an idle connection has nothing to read but its end
        ssize_t count = recv(c->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK);
        if (count >= 0) reconnect(c, count > 0);
    }
}

// The time until the next request: exponential, as of many callers who do not know of each other, or even.
static double gap_ns(void) {
    if (options.even) return 1e9 / options.rate;
    double uniform = ((double)(random_next(&options.random) >> 11) + 1) * 0x1p-53;
    return -log(uniform) * 1e9 / options.rate;
}

static connection *take_idle(void) {
    connection *c = &connections[idle[idle_first]];
    idle_first = (idle_first + 1) % (size_t)options.connections;
    idle_count--;
    return c;
}

// An open loop turns without sleeping, so that a request leaves when it is due and not when a timer fires; with
// --sleep it leaves its core to others meanwhile.
static int await(struct epoll_event *events, double next_due, uint64_t now) {
    if (options.rate == 0) return epoll_wait(queue, events, EVENTS, 100);
    if (!options.sleeps || next_due <= (double)now) return epoll_wait(queue, events, EVENTS, 0);
    uint64_t left = (uint64_t)next_due - now;
    struct timespec timeout = {(time_t)(left / 1000000000u), (long)(left % 1000000000u)};
    return epoll_pwait2(queue, events, EVENTS, &timeout, NULL);
}

static void run(struct rusage *at_begin, struct rusage *at_end) {
    struct epoll_event events[EVENTS];
    uint64_t started = now_ns(), now = started;
    begin = started + (uint64_t)options.warmup * 1000000000u;
    end = begin + (uint64_t)options.seconds * 1000000000u;
    double next_due = (double)started;
    bool measuring = false;
    if (options.rate == 0) while (idle_count > 0) start(take_idle(), now);
    while (true) {
        int count = await(events, next_due, now);
        for (int i = 0; i < count; i++) handle(&events[i]);
        now = now_ns();
        if (!measuring && now >= begin) { getrusage(RUSAGE_SELF, at_begin); measuring = true; }
        bool more_due = options.rate > 0 && next_due < (double)end;
        while (more_due && next_due <= (double)now && idle_count > 0) {
            start(take_idle(), (uint64_t)next_due);
            next_due += gap_ns();
            more_due = next_due < (double)end;
        }
        // After a lost connection of a closed loop.
        while (options.rate == 0 && idle_count > 0 && now < end) start(take_idle(), now);
        if (now < end || more_due) { if (now < end + DRAIN_SECONDS * 1000000000ull) continue; else break; }
        if (idle_count == (size_t)options.connections || now > end + DRAIN_SECONDS * 1000000000ull) break;
    }
    getrusage(RUSAGE_SELF, at_end);
    errors += (uint64_t)options.connections - idle_count;  // never answered
    if (options.rate > 0 && next_due < (double)end) errors += (uint64_t)(((double)end - next_due) * options.rate / 1e9);
}

static double cpu_seconds(const struct rusage *from, const struct rusage *to) {
    return (double)(to->ru_utime.tv_sec - from->ru_utime.tv_sec + to->ru_stime.tv_sec - from->ru_stime.tv_sec)
        + (double)(to->ru_utime.tv_usec - from->ru_utime.tv_usec + to->ru_stime.tv_usec - from->ru_stime.tv_usec) / 1e6;
}

static uint64_t report(double cpu) {
    uint64_t answered = classes[0].answered + classes[1].answered;
    uint64_t unexpected = classes[0].unexpected + classes[1].unexpected;
    printf("{\"requests\":%lu,\"seconds\":%d,\"rps\":%.1f,\"connections\":%d,\"rate\":%.1f,\"errors\":%lu,"
           "\"reconnects\":%lu,\"unexpected\":%lu,\"cpu_seconds\":%.3f,\"cpu_us_per_request\":%.3f,\"classes\":{",
           answered, options.seconds, (double)answered_in_time / options.seconds, options.connections, options.rate,
           errors, reconnects, unexpected, cpu, answered > 0 ? cpu * 1e6 / (double)answered : 0);
    for (int i = 0; i < 2 && classes[i].requests.count > 0; i++) {
        printf("%s\"%s\":{\"requests\":%lu,\"rps\":%.1f,\"unexpected\":%lu,\"statuses\":{", i ? "," : "", classes[i].name,
               classes[i].answered, (double)classes[i].answered / options.seconds, classes[i].unexpected);
        const char *comma = "";
        for (int status = 0; status < 600; status++) {
            if (classes[i].statuses[status] == 0) continue;
            printf("%s\"%d\":%lu", comma, status, classes[i].statuses[status]);
            comma = ",";
        }
        printf("},\"latency_us\":");
        histogram_print(&classes[i].latency, stdout);
        printf("}");
    }
    printf("}}\n");
    if (wrong_answer[0] != 0) fprintf(stderr, "load: not the answer that was expected:\n%s\n", wrong_answer);
    if (errors > 0) fprintf(stderr, "load: %lu requests failed\n", errors);
    return unexpected + errors;
}

static void parse_address(const char *text) {
    if (strncmp(text, "unix:", 5) == 0) {
        struct sockaddr_un *local = (struct sockaddr_un *)&options.address;
        local->sun_family = AF_UNIX;
        snprintf(local->sun_path, sizeof local->sun_path, "%s", text + 5);
        options.address_length = sizeof *local;
        return;
    }
    char host[256];
    const char *colon = strrchr(text, ':');
    if (colon == NULL || (size_t)(colon - text) >= sizeof host) { fprintf(stderr, "load: --to HOST:PORT\n"); exit(2); }
    snprintf(host, sizeof host, "%.*s", (int)(colon - text), text);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    if (getaddrinfo(host, colon + 1, &hints, &found) != 0) { fprintf(stderr, "load: %s: no such host\n", text); exit(2); }
    memcpy(&options.address, found->ai_addr, found->ai_addrlen);
    options.address_length = found->ai_addrlen;
    options.form.host = text;
    freeaddrinfo(found);
}

static const char usage[] =
    "load --to HOST:PORT|unix:PATH --keys FILE [--mode authorize|verify|batch]\n"
    "  --path PATH         default: Keybearer's path for the mode\n"
    "  --header 'NAME: '   what stands before the key, default 'Authorization: Bearer '\n"
    "  --permission P      default project:deploy\n"
    "  --connections N (32)  --seconds N (10)  --warmup N (2)  --seed N (1)\n"
    "  --rate R            open loop of R requests a second; default: closed loop\n"
    "  --sleep             an open loop that sleeps until the next request is due: less exact, kinder to its core\n"
    "  --even              an open loop at even distances instead of Poisson arrivals\n"
    "  --other FILE --other-share S   a second class of keys for the share S (0…1) of the requests\n"
    "  --expect N (200)  --other-expect N (401)   the status that is right; --allow N,N… others that count as right\n"
    "Prints one JSON object. Ends with 1 when any answer was wrong or missing, 2 when it could not run.\n";

static void parse_options(int count, char **words, const char **keys, const char **other) {
    enum { TO = 1, KEYS, MODE, PATH, HEADER, PERMISSION, CONNECTIONS, SECONDS, WARMUP, SEED, RATE, EVEN, SLEEP, OTHER, SHARE,
           EXPECT, OTHER_EXPECT, ALLOW, HELP };
    static const struct option known[] = {
        {"to", 1, 0, TO}, {"keys", 1, 0, KEYS}, {"mode", 1, 0, MODE}, {"path", 1, 0, PATH}, {"header", 1, 0, HEADER},
        {"permission", 1, 0, PERMISSION}, {"connections", 1, 0, CONNECTIONS}, {"seconds", 1, 0, SECONDS},
        {"warmup", 1, 0, WARMUP}, {"seed", 1, 0, SEED}, {"rate", 1, 0, RATE}, {"even", 0, 0, EVEN}, {"sleep", 0, 0, SLEEP},
       
        {"other", 1, 0, OTHER}, {"other-share", 1, 0, SHARE}, {"expect", 1, 0, EXPECT},
        {"other-expect", 1, 0, OTHER_EXPECT}, {"allow", 1, 0, ALLOW}, {"help", 0, 0, HELP}, {0}};
    for (int option; (option = getopt_long(count, words, "", known, NULL)) != -1;) switch (option) {
        case TO: parse_address(optarg); break;
        case KEYS: *keys = optarg; break;
        case MODE: options.form.mode = optarg[0] == 'a' ? MODE_AUTHORIZE : optarg[0] == 'v' ? MODE_VERIFY : MODE_BATCH; break;
        case PATH: options.form.path = optarg; break;
        case HEADER: options.form.header = optarg; break;
        case PERMISSION: options.form.permission = optarg; break;
        case CONNECTIONS: options.connections = atoi(optarg); break;
        case SECONDS: options.seconds = atoi(optarg); break;
        case WARMUP: options.warmup = atoi(optarg); break;
        case SEED: options.random = strtoull(optarg, NULL, 10); break;
        case RATE: options.rate = atof(optarg); break;
        case EVEN: options.even = true; break;
        case SLEEP: options.sleeps = true; break;
        case OTHER: *other = optarg; break;
        case SHARE: options.other_share = atof(optarg); break;
        case EXPECT: classes[0].expected = atoi(optarg); break;
        case OTHER_EXPECT: classes[1].expected = atoi(optarg); break;
        case ALLOW:
            for (char *at = optarg, *next; *at; at = *next ? next + 1 : next) {
                long status = strtol(at, &next, 10);
                if (next == at || status < 100 || status > 599) { fputs(usage, stderr); exit(2); }
                options.allowed[status] = true;
            }
            break;
        case HELP: fputs(usage, stdout); exit(0);
        default: fputs(usage, stderr); exit(2);
        }
    if (*keys == NULL || options.address_length == 0 || options.connections < 1 || options.seconds < 1) {
        fputs(usage, stderr);
        exit(2);
    }
}

int main(int count, char **words) {
    const char *keys = NULL, *other = NULL;
    classes[0].name = "valid", classes[1].name = "other";
    classes[0].expected = 200;
    parse_options(count, words, &keys, &other);
    bool asks = options.form.mode != MODE_AUTHORIZE;
    if (classes[1].expected == 0) classes[1].expected = asks ? 200 : 401;
    if (asks) classes[0].verdict = "\"valid\":true", classes[1].verdict = "\"valid\":false";
    static char default_path[512];
    snprintf(default_path, sizeof default_path, "/v1/authorize?permission=%s", options.form.permission);
    const char *paths[] = {default_path, "/v1/verify", "/v1/verify/batch"};
    if (options.form.path == NULL) options.form.path = paths[options.form.mode];
    classes[0].requests = requests_render(&options.form, keys_read(keys), &options.random);
    if (other != NULL) classes[1].requests = requests_render(&options.form, keys_read(other), &options.random);

    prctl(PR_SET_TIMERSLACK, 1);  // nanosecond, where --sleep waits for the next request
    queue = epoll_create1(EPOLL_CLOEXEC);
    connections = checked(calloc((size_t)options.connections, sizeof *connections));
    idle = checked(calloc((size_t)options.connections, sizeof *idle));
    for (int i = 0; i < options.connections; i++) {
        connections[i].buffer = checked(malloc(RESPONSE_ROOM));
        connect_to_server(&connections[i]);
        set_idle(&connections[i]);
    }
    struct rusage at_begin = {0}, at_end = {0};
    run(&at_begin, &at_end);
    return report(cpu_seconds(&at_begin, &at_end)) > 0;
}
