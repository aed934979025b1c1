#ifndef KEYBEARER_CLINUX_H
#define KEYBEARER_CLINUX_H

// What Linux has and Swift's Glibc module does not show.

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// accept4(2): the connection's socket neither blocks nor is inherited.
int keybearer_accept(int listener, struct sockaddr *address, socklen_t *length);

// How many processors this process may run on; 1 where that cannot be told.
int keybearer_usable_processors(void);

// A word that another process may be writing: read once, whole, and before everything that is read after it.
// The address is a multiple of the word's size.
static inline uint64_t keybearer_load64(const void *address) {
    return __atomic_load_n((const uint64_t *)address, __ATOMIC_ACQUIRE);
}

static inline uint32_t keybearer_load32(const void *address) {
    return __atomic_load_n((const uint32_t *)address, __ATOMIC_ACQUIRE);
}

#endif
