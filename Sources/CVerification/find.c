#define _GNU_SOURCE

#include "CVerification.h"

#include <string.h>

// A key's lead ends in an underscore, which hardly stands in a request otherwise, and memchr looks at many bytes in a step.
// Whoever sends many of them has them looked through as memmem does, a byte at a time and no byte twice.
enum { MOST_TRIES = 32 };

size_t keybearer_find(const uint8_t *bytes, size_t length, const uint8_t *wanted, size_t wanted_length) {
    if (wanted_length == 0 || wanted_length > length) return wanted_length == 0 ? 0 : length;
    size_t before = wanted_length - 1, start = 0;
    for (int tries = 0; tries < MOST_TRIES; tries++) {
        const uint8_t *last = memchr(bytes + start + before, wanted[before], length - start - before);
        if (last == NULL) return length;
        start = (size_t)(last - bytes) - before;
        if (memcmp(bytes + start, wanted, before) == 0) return start;
        start++;
        if (start + before >= length) return length;
    }
    const uint8_t *found = memmem(bytes + start, length - start, wanted, wanted_length);
    return found ? (size_t)(found - bytes) : length;
}
