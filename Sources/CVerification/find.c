#define _GNU_SOURCE

#include "CVerification.h"

#include <string.h>

size_t keybearer_find(const uint8_t *bytes, size_t length, const uint8_t *wanted, size_t wanted_length) {
    const uint8_t *found = memmem(bytes, length, wanted, wanted_length);
    return found ? (size_t)(found - bytes) : length;
}
