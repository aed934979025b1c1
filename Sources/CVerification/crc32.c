#include "CVerification.h"

#include <string.h>

// Eight bytes a step by eight tables ("slicing-by-8": Kounavis and Berry, 2005). Table t advances a byte by t more
// bytes of zeros than table 0 does.
static uint32_t tables[8][256];

// Before `main`, so that no call has to ask and no two threads can be first.
__attribute__((constructor)) static void make_tables(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t value = byte;
        for (int bit = 0; bit < 8; bit++) value = value & 1 ? value >> 1 ^ 0xedb88320u : value >> 1;
        tables[0][byte] = value;
    }
    for (int t = 1; t < 8; t++)
        for (int byte = 0; byte < 256; byte++)
            tables[t][byte] = tables[0][tables[t - 1][byte] & 0xff] ^ tables[t - 1][byte] >> 8;
}

static inline uint32_t crc32_of_eight(uint32_t value, const uint8_t bytes[8]) {
    uint64_t chunk;
    memcpy(&chunk, bytes, sizeof chunk);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    chunk = __builtin_bswap64(chunk);
#endif
    chunk ^= value;
    return tables[7][chunk & 0xff] ^ tables[6][chunk >> 8 & 0xff] ^ tables[5][chunk >> 16 & 0xff]
        ^ tables[4][chunk >> 24 & 0xff] ^ tables[3][chunk >> 32 & 0xff] ^ tables[2][chunk >> 40 & 0xff]
        ^ tables[1][chunk >> 48 & 0xff] ^ tables[0][chunk >> 56];
}

uint32_t keybearer_crc32(uint32_t value, const uint8_t *bytes, size_t length) {
    for (; length >= 8; length -= 8, bytes += 8) value = crc32_of_eight(value, bytes);
    for (; length > 0; length--, bytes++) value = tables[0][(value ^ *bytes) & 0xff] ^ value >> 8;
    return value;
}
