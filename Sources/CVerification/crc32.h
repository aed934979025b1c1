// For the other files of this target alone.
#ifndef KEYBEARER_CRC32_H
#define KEYBEARER_CRC32_H

#include <stdint.h>
#include <string.h>

// Eight bytes a step by eight tables ("slicing-by-8": Kounavis and Berry, 2005). Table t advances a byte by t more
// bytes of zeros than table 0 does. Made before `main`.
extern uint32_t keybearer_crc32_tables[8][256];

static inline uint32_t crc32_of_eight(uint32_t value, const uint8_t bytes[8]) {
    uint64_t chunk;
    memcpy(&chunk, bytes, sizeof chunk);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    chunk = __builtin_bswap64(chunk);
#endif
    chunk ^= value;
    uint32_t (*const tables)[256] = keybearer_crc32_tables;
    return tables[7][chunk & 0xff] ^ tables[6][chunk >> 8 & 0xff] ^ tables[5][chunk >> 16 & 0xff]
        ^ tables[4][chunk >> 24 & 0xff] ^ tables[3][chunk >> 32 & 0xff] ^ tables[2][chunk >> 40 & 0xff]
        ^ tables[1][chunk >> 48 & 0xff] ^ tables[0][chunk >> 56];
}

#endif
