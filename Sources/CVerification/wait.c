#define _GNU_SOURCE

#include "CVerification.h"

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

void keybearer_wait(const uint32_t *word, uint32_t value) {
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

void keybearer_wake_one(const uint32_t *word) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0); }
#else
#include <sched.h>

// Returning early is allowed, so giving way is enough.
void keybearer_wait(const uint32_t *word, uint32_t value) {
    (void)word, (void)value;
    sched_yield();
}

void keybearer_wake_one(const uint32_t *word) { (void)word; }
#endif
