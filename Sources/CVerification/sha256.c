#include "CVerification.h"
#include "shape.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, section 4.2.2).
static const uint32_t constants[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static const uint32_t initial[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static inline uint32_t rotated(uint32_t value, unsigned bits) { return value >> bits | value << (32 - bits); }

static inline uint32_t big_endian(const uint8_t *bytes) {
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return __builtin_bswap32(value);
}

static void compress_portable(uint32_t state[8], const uint8_t *block) {
    uint32_t w[64];
    for (int i = 0; i < 16; i++) w[i] = big_endian(block + 4 * i);
    for (int i = 16; i < 64; i++) {
        uint32_t s0 = rotated(w[i - 15], 7) ^ rotated(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t s1 = rotated(w[i - 2], 17) ^ rotated(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int i = 0; i < 64; i++) {
        uint32_t s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
        uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + constants[i] + w[i];
        uint32_t s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
        uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

// What is left of a message, one bit, zeros, and the whole length in bits (section 5.1.1): one block or two.
static inline size_t pad(uint8_t last[128], const uint8_t *bytes, size_t rest, uint64_t length) {
    size_t end = rest < 56 ? 64 : 128;
    memset(last, 0, 128);
    for (size_t i = 0; i < rest; i++) last[i] = bytes[i];
    last[rest] = 0x80;
    uint64_t bits = __builtin_bswap64(length * 8);
    memcpy(last + end - 8, &bits, sizeof bits);
    return end;
}

static inline keybearer_digest digest_of(const uint32_t state[8]) {
    return (keybearer_digest){
        (uint64_t)state[0] << 32 | state[1], (uint64_t)state[2] << 32 | state[3],
        (uint64_t)state[4] << 32 | state[5], (uint64_t)state[6] << 32 | state[7],
    };
}

#if defined(__x86_64__)
#define WITH_INSTRUCTIONS __attribute__((target("sha,sse4.1,ssse3,pclmul")))

// Intel's SHA extensions keep the state as ABEF and CDGH and do two rounds an instruction; the message schedule of
// each four words comes from the sixteen before.
typedef struct {
    __m128i abef, cdgh;
} packed_state;

WITH_INSTRUCTIONS static inline packed_state pack(const uint32_t state[8]) {
    __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xb1);
    __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1b);
    return (packed_state){_mm_alignr_epi8(abcd, efgh, 8), _mm_blend_epi16(efgh, abcd, 0xf0)};
}

WITH_INSTRUCTIONS static inline void unpack(packed_state packed, uint32_t state[8]) {
    __m128i feba = _mm_shuffle_epi32(packed.abef, 0x1b);
    __m128i dchg = _mm_shuffle_epi32(packed.cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

// Four big-endian words.
WITH_INSTRUCTIONS static inline __m128i swapped(__m128i bytes) {
    return _mm_shuffle_epi8(bytes, _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL));
}

WITH_INSTRUCTIONS static inline __attribute__((always_inline)) packed_state compress_words(
    packed_state before, __m128i w0, __m128i w1, __m128i w2, __m128i w3
) {
    __m128i abef = before.abef, cdgh = before.cdgh, w[4] = {w0, w1, w2, w3};
#pragma GCC unroll 16
    for (int group = 0; group < 16; group++) {
        if (group >= 4) {
            __m128i next = _mm_sha256msg1_epu32(w[group & 3], w[(group + 1) & 3]);
            next = _mm_add_epi32(next, _mm_alignr_epi8(w[(group + 3) & 3], w[(group + 2) & 3], 4));
            w[group & 3] = _mm_sha256msg2_epu32(next, w[(group + 3) & 3]);
        }
        __m128i sum = _mm_add_epi32(w[group & 3], _mm_load_si128((const __m128i *)(constants + 4 * group)));
        cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
        abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
    }
    return (packed_state){_mm_add_epi32(abef, before.abef), _mm_add_epi32(cdgh, before.cdgh)};
}

WITH_INSTRUCTIONS static inline packed_state compress_packed(packed_state before, const uint8_t *block) {
    const __m128i *parts = (const __m128i *)block;
    return compress_words(
        before, swapped(_mm_loadu_si128(parts)), swapped(_mm_loadu_si128(parts + 1)),
        swapped(_mm_loadu_si128(parts + 2)), swapped(_mm_loadu_si128(parts + 3)));
}

WITH_INSTRUCTIONS static void compress_instructions(uint32_t state[8], const uint8_t *block) {
    unpack(compress_packed(pack(state), block), state);
}

// The state stays in registers from the first block to the last.
WITH_INSTRUCTIONS static inline keybearer_digest hash_packed(
    packed_state packed, size_t before, const uint8_t *bytes, size_t rest
) {
    size_t length = before + rest;
    for (; rest >= 64; rest -= 64, bytes += 64) packed = compress_packed(packed, bytes);
    uint8_t last[128];
    size_t end = pad(last, bytes, rest, length);
    packed = compress_packed(packed, last);
    if (end == 128) packed = compress_packed(packed, last + 64);
    uint32_t state[8];
    unpack(packed, state);
    return digest_of(state);
}

WITH_INSTRUCTIONS static keybearer_digest hash_instructions(const uint8_t *bytes, size_t length) {
    return hash_packed(pack(initial), 0, bytes, length);
}

// The second block of a text of `lead` + 64 bytes, 15 + 64 at most: its last `lead` bytes, one bit, zeros, and the
// length. Put together in registers, since what was written byte by byte is slow to read as a whole.
WITH_INSTRUCTIONS static inline packed_state compress_end(packed_state before, const uint8_t *text, size_t lead) {
    // From index 16 - lead on: the places of the last `lead` of 16 bytes and then zeros; and one bit after `lead` bytes.
    static const uint8_t places[32] = {
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
        0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
    };
    static const uint8_t bit[32] = {[16] = 0x80};
    __m128i last = _mm_loadu_si128((const __m128i *)(text + lead + 48));
    last = _mm_shuffle_epi8(last, _mm_loadu_si128((const __m128i *)(places + 16 - lead)));
    last = _mm_or_si128(last, _mm_loadu_si128((const __m128i *)(bit + 16 - lead)));
    __m128i length = _mm_set_epi32((int)(lead + 64) * 8, 0, 0, 0);
    return compress_words(before, swapped(last), _mm_setzero_si128(), _mm_setzero_si128(), length);
}

// CRC-32 of 56 bytes, continued from `value`: sixteen bytes are folded into the sixteen after them, and what is left is
// reduced by a multiplication with the polynomial's inverse (Gopal et al., "Fast CRC Computation for Generic Polynomials
// Using PCLMULQDQ Instruction", Intel, 2009). All bits are in reverse order, as CRC-32 has them. It needs a quarter of
// the instructions that tables do and none of their memory, and the rounds of a hash leave the multiplier idle.
WITH_INSTRUCTIONS static inline uint32_t crc32_of_56(uint32_t value, const uint8_t *bytes) {
    // x^(128+32) and x^(128-32) modulo the polynomial; x^64 and nothing; the polynomial and the quotient of x^64 by it.
    const __m128i by_16 = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0), by_8 = _mm_set_epi64x(0, 0x163cd6124);
    const __m128i polynomial = _mm_set_epi64x(0x1f7011641, 0x1db710641), low = _mm_set_epi32(0, 0, 0, -1);
    // Zeros before a message change nothing, so that 56 bytes are four times sixteen.
    __m128i sum = _mm_xor_si128(_mm_loadl_epi64((const __m128i *)bytes), _mm_cvtsi32_si128((int)value));
    sum = _mm_slli_si128(sum, 8);
    for (int at = 8; at < 56; at += 16) {
        __m128i next = _mm_loadu_si128((const __m128i *)(bytes + at));
        next = _mm_xor_si128(next, _mm_clmulepi64_si128(sum, by_16, 0x00));
        sum = _mm_xor_si128(next, _mm_clmulepi64_si128(sum, by_16, 0x11));
    }
    sum = _mm_xor_si128(_mm_srli_si128(sum, 8), _mm_clmulepi64_si128(sum, by_16, 0x10));
    sum = _mm_xor_si128(_mm_srli_si128(sum, 4), _mm_clmulepi64_si128(_mm_and_si128(sum, low), by_8, 0x00));
    __m128i quotient = _mm_clmulepi64_si128(_mm_and_si128(sum, low), polynomial, 0x10);
    quotient = _mm_clmulepi64_si128(_mm_and_si128(quotient, low), polynomial, 0x00);
    return (uint32_t)_mm_extract_epi32(_mm_xor_si128(sum, quotient), 1);
}

// The number that 8 lower-case hex digits write.
WITH_INSTRUCTIONS static inline uint32_t number_of_digits(const uint8_t *digits) {
    __m128i text = _mm_loadl_epi64((const __m128i *)digits);
    __m128i letters = _mm_and_si128(_mm_cmpgt_epi8(text, _mm_set1_epi8('9')), _mm_set1_epi8(9));
    __m128i values = _mm_add_epi8(_mm_and_si128(text, _mm_set1_epi8(15)), letters);
    // Sixteen times the first of each two and the second.
    __m128i pairs = _mm_maddubs_epi16(values, _mm_set1_epi16(0x0110));
    return __builtin_bswap32((uint32_t)_mm_cvtsi128_si32(_mm_packus_epi16(pairs, pairs)));
}

WITH_INSTRUCTIONS static inline keybearer_digest hash_key(const uint8_t *text, size_t lead) {
    packed_state first = compress_packed(pack(initial), text);
    if (lead > 15) return hash_packed(first, 64, text + 64, lead);
    packed_state all = compress_end(first, text, lead);
    return (keybearer_digest){
        (uint64_t)_mm_extract_epi64(all.abef, 1), (uint64_t)_mm_extract_epi64(all.cdgh, 1),
        (uint64_t)_mm_extract_epi64(all.abef, 0), (uint64_t)_mm_extract_epi64(all.cdgh, 0),
    };
}

static int has_instructions;

// Before `main`, so that no call has to ask and no two threads can be first.
__attribute__((constructor)) static void look_for_instructions(void) {
    unsigned a, b, c, d;
    const unsigned wanted = bit_SSSE3 | bit_SSE4_1 | bit_PCLMUL;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & wanted) != wanted) return;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) has_instructions = b >> 29 & 1;
}
#endif

typedef void compression(uint32_t state[8], const uint8_t *block);

static inline compression *best(void) {
#if defined(__x86_64__)
    if (has_instructions) return compress_instructions;
#endif
    return compress_portable;
}

// `before` bytes, a multiple of 64, are in the state already.
static inline keybearer_digest finish(
    compression compress, uint32_t state[8], uint64_t before, const uint8_t *bytes, size_t length
) {
    size_t rest = length;
    for (; rest >= 64; rest -= 64, bytes += 64) compress(state, bytes);
    uint8_t last[128];
    size_t end = pad(last, bytes, rest, before + length);
    compress(state, last);
    if (end == 128) compress(state, last + 64);
    return digest_of(state);
}

static inline keybearer_digest hash(compression compress, const uint8_t *bytes, size_t length) {
    uint32_t state[8];
    memcpy(state, initial, sizeof state);
    return finish(compress, state, 0, bytes, length);
}

keybearer_digest keybearer_sha256_portable(const uint8_t *bytes, size_t length) {
    return hash(compress_portable, bytes, length);
}

keybearer_digest keybearer_sha256(const uint8_t *bytes, size_t length) {
#if defined(__x86_64__)
    if (has_instructions) return hash_instructions(bytes, length);
#endif
    return hash(compress_portable, bytes, length);
}

int keybearer_has_shape(const keybearer_lead *lead, const uint8_t *text) { return has_shape(lead, text); }

#if defined(__x86_64__)
WITH_INSTRUCTIONS static int key_digest(const keybearer_lead *lead, const uint8_t *text, keybearer_digest *digest) {
    const uint8_t *digits = text + lead->length;
    // First, so that the processor has it done while the rounds of the hash wait for one another.
    int is_right = number_of_digits(digits + 56) == ~crc32_of_56(lead->checksum, digits);
    *digest = hash_key(text, lead->length);
    return is_right;
}
#endif

int keybearer_key_digest(const keybearer_lead *lead, const uint8_t *text, keybearer_digest *digest) {
    if (!has_shape(lead, text)) return 0;
#if defined(__x86_64__)
    if (has_instructions) return key_digest(lead, text, digest);
#endif
    const uint8_t *digits = text + lead->length;
    uint32_t written = 0;
    // Bit 6 is set in letters alone, of which 'a' is 0x61 and stands for 10.
    for (int i = 56; i < 64; i++) written = written << 4 | ((digits[i] & 15u) + 9u * (digits[i] >> 6));
    *digest = hash(compress_portable, text, (size_t)lead->length + 64);
    return written == ~keybearer_crc32(lead->checksum, digits, 56);
}

static void store(keybearer_digest digest, uint8_t bytes[32]) {
    const uint64_t words[4] = {
        __builtin_bswap64(digest.w0), __builtin_bswap64(digest.w1),
        __builtin_bswap64(digest.w2), __builtin_bswap64(digest.w3),
    };
    memcpy(bytes, words, sizeof words);
}

keybearer_hmac_key keybearer_hmac_prepare(const uint8_t *key, size_t length) {
    uint8_t block[64] = {0};
    if (length > sizeof block) store(keybearer_sha256(key, length), block);
    else if (length > 0) memcpy(block, key, length);
    keybearer_hmac_key prepared;
    memcpy(prepared.inner, initial, sizeof initial);
    memcpy(prepared.outer, initial, sizeof initial);
    for (int i = 0; i < 64; i++) block[i] ^= 0x36;
    best()(prepared.inner, block);
    for (int i = 0; i < 64; i++) block[i] ^= 0x36 ^ 0x5c;
    best()(prepared.outer, block);
    return prepared;
}

keybearer_digest keybearer_hmac(const keybearer_hmac_key *key, keybearer_digest message) {
    uint8_t bytes[32];
    uint32_t state[8];
    store(message, bytes);
    memcpy(state, key->inner, sizeof state);
    store(finish(best(), state, 64, bytes, sizeof bytes), bytes);
    memcpy(state, key->outer, sizeof state);
    return finish(best(), state, 64, bytes, sizeof bytes);
}
