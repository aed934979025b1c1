// Keys as Keybearer has them, for the two C programs that say what the machine can do: `sk_`, 56 hex digits of secret
// and 8 of CRC-32; known by their SHA-256 in one flat table.
#ifndef KEYS_H
#define KEYS_H

#include <cpuid.h>
#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_LENGTH = 67, CHECKED_LENGTH = 59 };

typedef struct { uint64_t words[4]; } __attribute__((aligned(32))) digest;

static const uint32_t sha256_constants[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static inline void require_sha_instructions(const char *program) {
    unsigned a, b = 0, c, d;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1)) return;
    fprintf(stderr, "%s: this processor has no SHA instructions, so there is no ceiling to measure with them\n", program);
    exit(3);
}

__attribute__((target("sha,sse4.1,ssse3")))
static inline void sha256_block(__m128i *abef, __m128i *cdgh, const uint8_t *block) {
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    const __m128i *constants = (const __m128i *)sha256_constants;
    __m128i x = *abef, y = *cdgh, w[4];
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) {
        if (i < 4) {
            w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)block + i), swap);
        } else {
            __m128i middle = _mm_alignr_epi8(w[(i + 3) & 3], w[(i + 2) & 3], 4);
            __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w[i & 3], w[(i + 1) & 3]), middle);
            w[i & 3] = _mm_sha256msg2_epu32(sum, w[(i + 3) & 3]);
        }
        __m128i rounds = _mm_add_epi32(w[i & 3], constants[i]);
        y = _mm_sha256rnds2_epu32(y, x, rounds);
        x = _mm_sha256rnds2_epu32(x, y, _mm_shuffle_epi32(rounds, 0x0e));
    }
    *abef = _mm_add_epi32(*abef, x);
    *cdgh = _mm_add_epi32(*cdgh, y);
}

// Of exactly the 67 bytes of a key: one full block, and one of three bytes and the padding. The words stay in the
// order of the instructions; they name a key in the table and nowhere else.
__attribute__((target("sha,sse4.1,ssse3")))
static inline digest sha256_of_key(const uint8_t *text) {
    __m128i abef = _mm_set_epi32(0x6a09e667, (int)0xbb67ae85, 0x510e527f, (int)0x9b05688c);
    __m128i cdgh = _mm_set_epi32(0x3c6ef372, (int)0xa54ff53a, 0x1f83d9ab, 0x5be0cd19);
    uint8_t tail[64] __attribute__((aligned(16))) = {text[64], text[65], text[66], 0x80};
    tail[62] = KEY_LENGTH * 8 >> 8, tail[63] = KEY_LENGTH * 8 & 0xff;
    sha256_block(&abef, &cdgh, text);
    sha256_block(&abef, &cdgh, tail);
    digest d;
    _mm_store_si128((__m128i *)d.words, abef);
    _mm_store_si128((__m128i *)d.words + 1, cdgh);
    return d;
}

// Eight bytes a step by eight tables.
static uint32_t crc_tables[8][256], crc_of_prefix;

static inline uint32_t crc32_byte(uint32_t value, uint8_t byte) {
    return crc_tables[0][(value ^ byte) & 0xff] ^ value >> 8;
}

__attribute__((constructor)) static void make_crc_tables(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t value = byte;
        for (int bit = 0; bit < 8; bit++) value = value & 1 ? value >> 1 ^ 0xedb88320u : value >> 1;
        crc_tables[0][byte] = value;
    }
    for (int t = 1; t < 8; t++)
        for (int byte = 0; byte < 256; byte++)
            crc_tables[t][byte] = crc_tables[0][crc_tables[t - 1][byte] & 0xff] ^ crc_tables[t - 1][byte] >> 8;
    crc_of_prefix = 0xffffffffu;
    for (int i = 0; i < 3; i++) crc_of_prefix = crc32_byte(crc_of_prefix, (uint8_t)"sk_"[i]);
}

// The 56 digits between prefix and checksum are seven steps.
static inline uint32_t crc32_of_key(const uint8_t *text) {
    uint32_t value = crc_of_prefix;
    for (int at = 3; at < CHECKED_LENGTH; at += 8) {
        uint64_t chunk;
        memcpy(&chunk, text + at, sizeof chunk);
        chunk ^= value;
        value = crc_tables[7][chunk & 0xff] ^ crc_tables[6][chunk >> 8 & 0xff] ^ crc_tables[5][chunk >> 16 & 0xff]
            ^ crc_tables[4][chunk >> 24 & 0xff] ^ crc_tables[3][chunk >> 32 & 0xff]
            ^ crc_tables[2][chunk >> 40 & 0xff] ^ crc_tables[1][chunk >> 48 & 0xff] ^ crc_tables[0][chunk >> 56];
    }
    return ~value;
}

static inline bool key_is_well_formed(const uint8_t *text) {
    if (memcmp(text, "sk_", 3) != 0) return false;
    uint8_t hex = 1;
    for (int i = 3; i < KEY_LENGTH; i++)
        hex &= (uint8_t)((uint8_t)(text[i] - '0') < 10) | (uint8_t)((uint8_t)(text[i] - 'a') < 6);
    uint32_t written = 0;
    for (int i = CHECKED_LENGTH; i < KEY_LENGTH; i++)
        written = written << 4 | (uint32_t)(text[i] <= '9' ? text[i] - '0' : text[i] - 'a' + 10);
    return hex && written == crc32_of_key(text);
}

// Open addressing, at most half full. A slot is its digest: at 32 bytes, two to a cache line, a lookup is one miss.
typedef struct {
    digest *slots;
    size_t mask, count;
} key_table;

static inline key_table table_make(size_t count) {
    size_t size = 16;
    while (size < count * 2) size *= 2;
    key_table table = {aligned_alloc(64, size * sizeof(digest)), size - 1, 0};
    if (table.slots == NULL) { perror("table"); exit(2); }
    memset(table.slots, 0, size * sizeof(digest));
    return table;
}

static inline bool digest_equal(const digest *a, const digest *b) {
    return ((a->words[0] ^ b->words[0]) | (a->words[1] ^ b->words[1]) | (a->words[2] ^ b->words[2])
            | (a->words[3] ^ b->words[3])) == 0;
}

static inline bool slot_is_free(const digest *slot) { return (slot->words[0] | slot->words[1]) == 0; }

static inline void table_insert(key_table *table, const digest *d) {
    size_t at = d->words[0] & table->mask;
    while (!slot_is_free(&table->slots[at])) at = (at + 1) & table->mask;
    table->slots[at] = *d;
    table->count++;
}

// The slot of the key with this text, NOWHERE for an unknown one.
#define NOWHERE SIZE_MAX

static inline size_t key_slot(const key_table *table, const uint8_t *text) {
    if (!key_is_well_formed(text)) return NOWHERE;
    digest d = sha256_of_key(text);
    for (size_t at = d.words[0] & table->mask; !slot_is_free(&table->slots[at]); at = (at + 1) & table->mask)
        if (digest_equal(&table->slots[at], &d)) return at;
    return NOWHERE;
}

static inline bool key_is_known(const key_table *table, const uint8_t *text) { return key_slot(table, text) != NOWHERE; }

// The same keys as seed.py makes: four numbers of splitmix64 are the hex digits of a secret.
static inline uint64_t splitmix64(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline void key_make(uint64_t *state, uint8_t text[KEY_LENGTH + 1]) {
    uint64_t a = splitmix64(state), b = splitmix64(state), c = splitmix64(state), d = splitmix64(state);
    sprintf((char *)text, "sk_%016lx%016lx%016lx%08lx", a, b, c, d >> 32);
    sprintf((char *)text + CHECKED_LENGTH, "%08x", crc32_of_key(text));
}

#endif
