#include "CVerification.h"

#include <stdatomic.h>

_Thread_local uint32_t keybearer_number_of_thread;

static atomic_uint threads;

uint32_t keybearer_number_thread(void) {
    uint32_t number = atomic_fetch_add_explicit(&threads, 1, memory_order_relaxed) + 1;
    // After four thousand million threads some have none, and ask again.
    keybearer_number_of_thread = number;
    return number;
}
