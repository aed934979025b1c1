// Whole requests, made before the clock starts, so that the hot loop of the generator only writes bytes.
#ifndef REQUESTS_H
#define REQUESTS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { BATCH_SIZE = 100, BATCHES = 1000 };

typedef enum { MODE_AUTHORIZE, MODE_VERIFY, MODE_BATCH } request_mode;

typedef struct {
    request_mode mode;
    const char *host, *path, *header, *permission;
} request_form;

typedef struct {
    char *bytes;
    size_t *ends;  // request i is bytes[ends[i - 1] ..< ends[i]]
    size_t count;
} request_set;

typedef struct {
    char **lines;
    size_t count;
} key_list;

// splitmix64: one multiplication chain a number, good enough to choose keys and the same on every machine.
static inline uint64_t random_next(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

// Without a division: the high half of a product.
static inline size_t random_below(uint64_t *state, size_t bound) {
    return (size_t)(((unsigned __int128)random_next(state) * bound) >> 64);
}

static inline void *checked(void *memory) {
    if (memory == NULL) { perror("load: memory"); exit(2); }
    return memory;
}

static inline key_list keys_read(const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL) { fprintf(stderr, "load: %s: cannot be read\n", path); exit(2); }
    key_list keys = {NULL, 0};
    char *line = NULL;
    size_t room = 0, capacity = 0;
    for (ssize_t length; (length = getline(&line, &room, file)) >= 0;) {
        while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r')) line[--length] = 0;
        if (length == 0) continue;
        if (keys.count == capacity) {
            capacity = capacity ? capacity * 2 : 1024;
            keys.lines = checked(realloc(keys.lines, capacity * sizeof(char *)));
        }
        keys.lines[keys.count++] = checked(strdup(line));
    }
    free(line);
    fclose(file);
    if (keys.count == 0) { fprintf(stderr, "load: %s: no keys\n", path); exit(2); }
    return keys;
}

static inline size_t render_item(char *out, const request_form *form, const char *key) {
    return (size_t)sprintf(out, "{\"key\":\"%s\",\"permission\":\"%s\"}", key, form->permission);
}

static inline size_t render_post(char *out, const request_form *form, const char *body, size_t length) {
    int head = sprintf(out, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                       form->path, form->host, length);
    memcpy(out + head, body, length);
    return (size_t)head + length;
}

static inline size_t render_batch(char *out, char *body, const request_form *form, key_list keys, uint64_t *random) {
    size_t length = (size_t)sprintf(body, "{\"requests\":[");
    for (int item = 0; item < BATCH_SIZE; item++) {
        if (item > 0) body[length++] = ',';
        length += render_item(body + length, form, keys.lines[random_below(random, keys.count)]);
    }
    length += (size_t)sprintf(body + length, "]}");
    return render_post(out, form, body, length);
}

// One request for every key; of batches a thousand, each with a hundred keys drawn at random.
static inline request_set requests_render(const request_form *form, key_list keys, uint64_t *random) {
    size_t longest = 0;
    for (size_t i = 0; i < keys.count; i++) if (strlen(keys.lines[i]) > longest) longest = strlen(keys.lines[i]);
    size_t item = longest + strlen(form->permission) + 64;
    size_t body_room = form->mode == MODE_BATCH ? BATCH_SIZE * item + 64 : item;
    size_t head = 256 + strlen(form->path) + strlen(form->host) + strlen(form->header);
    size_t count = form->mode == MODE_BATCH ? BATCHES : keys.count, room = count * (head + body_room);
    char *body = checked(malloc(body_room));
    request_set set = {.count = count, .ends = checked(calloc(count + 1, sizeof(size_t)))};
    set.bytes = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (set.bytes == MAP_FAILED) { perror("load: mmap"); exit(2); }
    madvise(set.bytes, room, MADV_HUGEPAGE);
    set.ends++;  // so that ends[-1] is 0
    size_t end = 0;
    for (size_t i = 0; i < count; i++) {
        char *out = set.bytes + end;
        switch (form->mode) {
        case MODE_AUTHORIZE:
            end += (size_t)sprintf(out, "GET %s HTTP/1.1\r\nHost: %s\r\n%s%s\r\n\r\n", form->path, form->host,
                                   form->header, keys.lines[i]);
            break;
        case MODE_VERIFY: {
            size_t length = render_item(body, form, keys.lines[i]);
            end += render_post(out, form, body, length);
            break;
        }
        case MODE_BATCH: end += render_batch(out, body, form, keys, random); break;
        }
        set.ends[i] = end;
    }
    free(body);
    return set;
}

#endif
