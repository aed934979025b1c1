// As much of HTTP/1.1 as it takes to know where an answer ends and what it says.
#ifndef RESPONSE_H
#define RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

typedef struct {
    int status;
    size_t head, body;
    bool closes;
} response_head;

typedef enum { HEAD_PARTIAL, HEAD_COMPLETE, HEAD_WRONG } head_state;

static inline bool line_begins(const char *line, size_t length, const char *name, size_t name_length) {
    return length >= name_length && strncasecmp(line, name, name_length) == 0;
}

// Every peer here announces its length; an answer in chunks counts as wrong instead of as fast.
static inline head_state response_parse(const char *bytes, size_t count, response_head *head) {
    const char *end = memmem(bytes, count, "\r\n\r\n", 4);
    if (end == NULL) return HEAD_PARTIAL;
    if (count < 12 || memcmp(bytes, "HTTP/1.", 7) != 0) return HEAD_WRONG;
    for (int i = 9; i < 12; i++) if (bytes[i] < '0' || bytes[i] > '9') return HEAD_WRONG;
    head->status = (bytes[9] - '0') * 100 + (bytes[10] - '0') * 10 + bytes[11] - '0';
    head->head = (size_t)(end - bytes) + 4;
    head->closes = bytes[7] == '0';
    bool has_length = head->status == 204 || head->status == 304;
    head->body = 0;
    for (const char *line = memchr(bytes, '\n', count); line != NULL && line < end;) {
        line++;
        const char *next = memchr(line, '\n', (size_t)(end + 2 - line));
        size_t length = next != NULL ? (size_t)(next - line) : (size_t)(end + 2 - line);
        // Two header names matter and both begin with this letter: most lines end here.
        if ((*line | 0x20) == 'c') {
            if (line_begins(line, length, "content-length:", 15)) {
                if (has_length) return HEAD_WRONG;
                size_t value = 0, index = 15;
                while (index < length && line[index] == ' ') index++;
                if (index == length || line[index] < '0' || line[index] > '9') return HEAD_WRONG;
                for (; index < length && line[index] >= '0' && line[index] <= '9'; index++) {
                    value = value * 10 + (size_t)(line[index] - '0');
                    if (value > (1u << 30)) return HEAD_WRONG;
                }
                head->body = value;
                has_length = true;
            } else if (line_begins(line, length, "connection: close", 17)) {
                head->closes = true;
            }
        }
        line = next;
    }
    return has_length ? HEAD_COMPLETE : HEAD_WRONG;
}

static inline size_t count_of(const char *text, const char *bytes, size_t count) {
    size_t length = strlen(text), found = 0;
    for (const char *at = bytes, *end = bytes + count; (at = memmem(at, (size_t)(end - at), text, length)) != NULL;
         at += length) found++;
    return found;
}

#endif
