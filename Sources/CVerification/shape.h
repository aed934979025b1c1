// For the other files of this target alone.
#ifndef KEYBEARER_SHAPE_H
#define KEYBEARER_SHAPE_H

#include "CVerification.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// Without a branch for each digit: nearly every text is a key, so looking at all of them costs least.
static inline int are_digits(const uint8_t digits[64]) {
#if defined(__SSE2__)
    __m128i all = _mm_set1_epi8(-1);
    for (int i = 0; i < 64; i += 16) {
        __m128i it = _mm_loadu_si128((const __m128i *)(digits + i));
        // Signed: bytes of 128 and more are below both ranges.
        __m128i number = _mm_and_si128(
            _mm_cmpgt_epi8(it, _mm_set1_epi8('0' - 1)), _mm_cmpgt_epi8(_mm_set1_epi8('9' + 1), it));
        __m128i letter = _mm_and_si128(
            _mm_cmpgt_epi8(it, _mm_set1_epi8('a' - 1)), _mm_cmpgt_epi8(_mm_set1_epi8('f' + 1), it));
        all = _mm_and_si128(all, _mm_or_si128(number, letter));
    }
    return _mm_movemask_epi8(all) == 0xffff;
#else
    uint8_t all = 1;
    for (int i = 0; i < 64; i++)
        all &= (uint8_t)((uint8_t)(digits[i] - '0') < 10) | (uint8_t)((uint8_t)(digits[i] - 'a') < 6);
    return all;
#endif
}

static inline int begins_with(const keybearer_lead *lead, const uint8_t *text) {
#if defined(__SSE2__)
    // Sixteen bytes are in both, and the seventeenth, where there is one, is an underscore.
    __m128i same = _mm_cmpeq_epi8(
        _mm_loadu_si128((const __m128i *)lead->bytes), _mm_loadu_si128((const __m128i *)text));
    unsigned differing = ~(unsigned)_mm_movemask_epi8(same) & ((1u << lead->length) - 1) & 0xffff;
    return differing == 0 && text[lead->length - 1] == '_';
#else
    return memcmp(lead->bytes, text, lead->length) == 0;
#endif
}

static inline int has_shape(const keybearer_lead *lead, const uint8_t *text) {
    return begins_with(lead, text) && are_digits(text + lead->length);
}

#endif
