// How long the machine itself stood still, until standard input ends: a thread on each core wakes every two milliseconds,
// before everything else that wants to run there, so that only the host can have it wake late.
//
//   pauses          needs the right to real-time scheduling (root has it)
//
// Prints JSON: the longest time that a core was late, in milliseconds; null without that right.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CORES = 256, STEP_US = 2000 };

static struct { long core; double longest; } watched[MOST_CORES];
static atomic_bool ended, refused;

static double microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec * 1e-3;
}

static void *watch(void *word) {
    long core = *(long *)word;
    cpu_set_t alone;
    CPU_ZERO(&alone);
    CPU_SET(core, &alone);
    struct sched_param first = {.sched_priority = 50};
    if (pthread_setaffinity_np(pthread_self(), sizeof alone, &alone) != 0
        || pthread_setschedparam(pthread_self(), SCHED_FIFO, &first) != 0) {
        refused = true;
        return NULL;
    }
    for (double before = microseconds(); !ended;) {
        nanosleep(&(struct timespec){.tv_nsec = STEP_US * 1000}, NULL);
        double now = microseconds(), late = now - before - STEP_US;
        if (late > watched[core].longest) watched[core].longest = late;
        before = now;
    }
    return NULL;
}

int main(void) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (cores > MOST_CORES) cores = MOST_CORES;
    pthread_t threads[MOST_CORES];
    for (long core = 0; core < cores; core++) {
        watched[core].core = core;
        if (pthread_create(&threads[core], NULL, watch, &watched[core].core) != 0) return 1;
    }
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) {}
    ended = true;
    double longest = 0;
    for (long core = 0; core < cores; core++) {
        pthread_join(threads[core], NULL);
        if (watched[core].longest > longest) longest = watched[core].longest;
    }
    if (refused) puts("{\"longest_ms\": null}");
    else printf("{\"longest_ms\": %.2f}\n", longest / 1000);
    return 0;
}
