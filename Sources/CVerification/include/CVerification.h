#ifndef KEYBEARER_CVERIFICATION_H
#define KEYBEARER_CVERIFICATION_H

#include <stddef.h>
#include <stdint.h>

// What of the hot path needs instructions that Swift cannot name. Allocates nothing, keeps nothing, and reads nothing
// but its arguments.

// A hash's 32 bytes as four big-endian words.
typedef struct {
    uint64_t w0, w1, w2, w3;
} keybearer_digest;

// SHA-256 (FIPS 180-4) of `length` bytes, with the processor's own instructions where it has them.
keybearer_digest keybearer_sha256(const uint8_t *bytes, size_t length);

// The same without the processor's instructions: what runs where there are none, and what tests compare.
keybearer_digest keybearer_sha256_portable(const uint8_t *bytes, size_t length);

// The inner and outer state of an HMAC-SHA-256 (RFC 2104) once its key has gone in.
typedef struct {
    uint32_t inner[8], outer[8];
} keybearer_hmac_key;

// `length` may be anything; a key longer than 64 bytes is hashed first, as the RFC says.
keybearer_hmac_key keybearer_hmac_prepare(const uint8_t *key, size_t length);

// HMAC-SHA-256 of a digest's 32 bytes: two compressions.
keybearer_digest keybearer_hmac(const keybearer_hmac_key *key, keybearer_digest message);

// CRC-32 (IEEE 802.3), continued from `value`, which is inverted neither before nor after.
uint32_t keybearer_crc32(uint32_t value, const uint8_t *bytes, size_t length);

// Where the wanted bytes first stand in the others; `length` where they do not.
size_t keybearer_find(const uint8_t *bytes, size_t length, const uint8_t *wanted, size_t wanted_length);

// What all keys of a format begin with: 1 to 17 bytes, of which the last is an underscore; and the CRC-32 of them, not
// inverted.
typedef struct {
    uint8_t bytes[17];
    uint8_t length;
    uint32_t checksum;
} keybearer_lead;

// Whether a text of as many bytes as the lead and 64 begins with it and goes on with lower-case hex digits.
int keybearer_has_shape(const keybearer_lead *lead, const uint8_t *text);

// The same, and whether its last 8 digits are the CRC-32 of all before them. The digest is the text's SHA-256 then, and
// anything otherwise.
int keybearer_key_digest(const keybearer_lead *lead, const uint8_t *text, keybearer_digest *digest);

// A variable of each thread is found by one addition, where a library that is loaded late might have to ask for it.
#if defined(__linux__)
#define KEYBEARER_NEAR_THREAD __attribute__((tls_model("initial-exec")))
#else
#define KEYBEARER_NEAR_THREAD
#endif

// Asks for the line of memory that an address lies in, without waiting for it. Any address will do.
static inline void keybearer_prefetch(const void *address) { __builtin_prefetch(address); }

// The same for a line that is about to be written to.
static inline void keybearer_prefetch_to_write(const void *address) { __builtin_prefetch(address, 1); }

// Between two looks at a word that another processor is about to change.
static inline void keybearer_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb");
#endif
}

// A number of the calling thread's own: 1 for the first thread that asks, 2 for the second.
extern _Thread_local uint32_t keybearer_number_of_thread KEYBEARER_NEAR_THREAD;
uint32_t keybearer_number_thread(void);

static inline uint32_t keybearer_thread_number(void) {
    uint32_t known = keybearer_number_of_thread;
    return known ? known : keybearer_number_thread();
}

// Sleeps while the word has this value, until somebody wakes it; may return sooner (futex(2) on Linux).
void keybearer_wait(const uint32_t *word, uint32_t value);

// Wakes one of those that sleep on the word.
void keybearer_wake_one(const uint32_t *word);

#endif
