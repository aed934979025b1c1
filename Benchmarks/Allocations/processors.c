#define _GNU_SOURCE
#include "processors.h"
#include <sched.h>

int keybearer_processor(int index) {
    cpu_set_t allowed;
    int first = -1;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 0;
    for (int i = 0; i < CPU_SETSIZE; i++) {
        if (!CPU_ISSET(i, &allowed)) continue;
        if (first < 0) first = i;
        if (index-- == 0) return i;
    }
    return first < 0 ? 0 : first;
}

void keybearer_stay_on(int processor) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    sched_setaffinity(0, sizeof one, &one);
}
