// The yardstick for verification in process: well-formedness with checksum, SHA-256 and one lookup for each key, in
// C, without HTTP. Prints nanoseconds of the processor an operation as JSON, medians over several runs, and how many
// times as many operations two threads do as one, by wall clock and by the processors' time; and the same where each
// look-up also adds one to a counter of its key, as whoever limits or meters a key has to.
//
//   inprocess [SEED (1)] [RUNS (7)]
//
// What a program compared with this must do alike:
// - Keys are made by `key_make` from the seed, in order 0, 1, 2 …, and put into the table in that order.
// - Presented are their texts of 67 bytes, contiguous in memory, copied there in a random order (Fisher-Yates, from
//   the seed + 1). So reading the texts is sequential, as the bytes of a request are warm once it has been read, and
//   what is cold or hot is the table alone. The order of presentation says nothing about the order of insertion.
// - "hot": 1,000 keys known, presented again and again. "cold": 1,000,000 keys known, each presented once a run.
// - Two threads run on one processor each, over the same keys, the second from the last to the first: in the same order
//   the one could catch up with the other and then wait for it at every key. One and two take turns; one does
//   all that the two do.
// - Each operation takes the text's address and gives known or not, which is counted and compared at the end.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <time.h>
#include "keys.h"

enum { HOT = 1000, COLD = 1000000, MOST_RUNS = 99 };

static double now_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static uint8_t *make_keys(size_t count, uint64_t seed, key_table *table) {
    uint8_t *made = malloc(count * KEY_LENGTH + 1), *presented = malloc(count * KEY_LENGTH);
    size_t *order = malloc(count * sizeof *order);
    if (made == NULL || presented == NULL || order == NULL) { perror("inprocess"); exit(2); }
    uint64_t state = seed;
    for (size_t i = 0; i < count; i++) {
        uint8_t text[KEY_LENGTH + 1];
        key_make(&state, text);
        memcpy(made + i * KEY_LENGTH, text, KEY_LENGTH);
        digest d = sha256_of_key(text);
        table_insert(table, &d);
        order[i] = i;
    }
    state = seed + 1;
    for (size_t i = count - 1; i > 0; i--) {
        size_t other = splitmix64(&state) % (i + 1), kept = order[i];
        order[i] = order[other], order[other] = kept;
    }
    for (size_t i = 0; i < count; i++) memcpy(presented + i * KEY_LENGTH, made + order[i] * KEY_LENGTH, KEY_LENGTH);
    free(made);
    free(order);
    return presented;
}

typedef struct { double processor, wall; } pace;

typedef struct { _Alignas(64) uint64_t count; } counter;

typedef struct {
    const key_table *table;
    counter *counters;  // one for each slot, NULL where nothing is counted
    const uint8_t *presented;
    size_t count, repetitions;
    int backwards;
    int processor;  // -1: where it is
    pthread_barrier_t *begin;
    pace result;
} work;

static int processors[2];

static void find_processors(void) {
    cpu_set_t allowed;
    sched_getaffinity(0, sizeof allowed, &allowed);
    int found = 0;
    for (int i = 0; i < CPU_SETSIZE && found < 2; i++)
        if (CPU_ISSET(i, &allowed)) processors[found++] = i;
    if (found < 2) processors[1] = processors[0];
}

static size_t look_up(const work *it) {
    size_t known = 0;
    const uint8_t *text = it->presented + (it->backwards ? (it->count - 1) * KEY_LENGTH : 0);
    ptrdiff_t step = it->backwards ? -KEY_LENGTH : KEY_LENGTH;
    if (it->counters == NULL) {
        for (size_t i = 0; i < it->count; i++, text += step) known += key_is_known(it->table, text);
        return known;
    }
    for (size_t i = 0; i < it->count; i++, text += step) {
        size_t slot = key_slot(it->table, text);
        if (slot == NOWHERE) continue;
        __atomic_fetch_add(&it->counters[slot].count, 1, __ATOMIC_RELAXED);
        known++;
    }
    return known;
}

static void *run(void *argument) {
    work *it = argument;
    if (it->processor >= 0) {
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(it->processor, &one);
        sched_setaffinity(0, sizeof one, &one);
        pthread_barrier_wait(it->begin);
    }
    size_t known = 0;
    double wall = now_ns(CLOCK_MONOTONIC), processor = now_ns(CLOCK_THREAD_CPUTIME_ID);
    for (size_t repetition = 0; repetition < it->repetitions; repetition++) known += look_up(it);
    double operations = (double)(it->count * it->repetitions);
    it->result.processor = (now_ns(CLOCK_THREAD_CPUTIME_ID) - processor) / operations;
    it->result.wall = (now_ns(CLOCK_MONOTONIC) - wall) / operations;
    if (known != it->count * it->repetitions) { fputs("inprocess: a key was not found\n", stderr); exit(1); }
    return NULL;
}

static void run_threads(int number, work works[]) {
    pthread_t threads[2];
    pthread_barrier_t begin;
    pthread_barrier_init(&begin, NULL, (unsigned)number);
    for (int i = 0; i < number; i++) {
        works[i].processor = processors[i], works[i].begin = &begin;
        if (pthread_create(&threads[i], NULL, run, &works[i]) != 0) { perror("inprocess"); exit(2); }
    }
    for (int i = 0; i < number; i++) pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&begin);
}

static double median(double times[], int runs) {
    qsort(times, (size_t)runs, sizeof *times, ascending);
    return times[runs / 2];
}

typedef struct { double ns; pace two, two_counting; } figures;

static pace measure_two(const work *whole, int runs) {
    double walls[MOST_RUNS], processor_times[MOST_RUNS];
    work other = *whole;
    other.backwards = 1;
    for (int i = 0; i < runs; i++) {
        work one[1] = {*whole}, both[2] = {*whole, other};
        one[0].repetitions *= 2;  // all that the two do
        run_threads(1, one);
        run_threads(2, both);
        double slower = both[0].result.wall > both[1].result.wall ? both[0].result.wall : both[1].result.wall;
        walls[i] = 2 * one[0].result.wall / slower;
        processor_times[i] = 4 * one[0].result.processor / (both[0].result.processor + both[1].result.processor);
    }
    return (pace){median(processor_times, runs), median(walls, runs)};
}

static figures measure(size_t count, size_t repetitions, int runs, uint64_t seed) {
    key_table table = table_make(count);
    uint8_t *presented = make_keys(count, seed, &table);
    double times[MOST_RUNS];
    work whole = {&table, NULL, presented, count, repetitions, 0, -1, NULL, {0, 0}};
    for (int i = -1; i < runs; i++) {  // the first is not counted
        run(&whole);
        if (i >= 0) times[i] = whole.result.processor;
    }
    pace two = measure_two(&whole, runs);
    size_t bytes = (table.mask + 1) * sizeof(counter);
    whole.counters = aligned_alloc(64, bytes);
    if (whole.counters == NULL) { perror("inprocess"); exit(2); }
    memset(whole.counters, 0, bytes);
    pace two_counting = measure_two(&whole, runs);
    free(whole.counters);
    free(presented);
    free(table.slots);
    return (figures){median(times, runs), two, two_counting};
}

static double measure_sha256(int runs, uint64_t seed) {
    uint8_t text[KEY_LENGTH + 1];
    double times[MOST_RUNS];
    key_make(&seed, text);
    for (int run = 0; run < runs; run++) {
        double begin = now_ns(CLOCK_THREAD_CPUTIME_ID);
        for (int i = 0; i < 1000000; i++) {
            digest d = sha256_of_key(text);
            text[66] ^= (uint8_t)(d.words[0] & 1);  // each depends on the one before
        }
        times[run] = (now_ns(CLOCK_THREAD_CPUTIME_ID) - begin) / 1000000;
    }
    return median(times, runs);
}

int main(int count, char **words) {
    uint64_t seed = count > 1 ? strtoull(words[1], NULL, 10) : 1;
    int runs = count > 2 ? atoi(words[2]) : 7;
    if (runs < 1 || runs > MOST_RUNS) { fputs("inprocess [SEED] [RUNS 1…99]\n", stderr); return 2; }
    require_sha_instructions("inprocess");
    find_processors();
    double sha256 = measure_sha256(runs, seed);
    figures hot = measure(HOT, 1000, runs, seed), cold = measure(COLD, 1, runs, seed);
    printf("{\"seed\":%lu,\"runs\":%d,\"sha256_ns\":%.1f,\"hot_keys\":%d,\"hot_ns\":%.1f,\"cold_keys\":%d,\"cold_ns\":%.1f,"
           "\"two_hot_ratio\":%.2f,\"two_hot_cpu_ratio\":%.2f,\"two_cold_ratio\":%.2f,\"two_cold_cpu_ratio\":%.2f,"
           "\"two_hot_counting_ratio\":%.2f,\"two_hot_counting_cpu_ratio\":%.2f,\"two_cold_counting_ratio\":%.2f,"
           "\"two_cold_counting_cpu_ratio\":%.2f}\n",
           seed, runs, sha256, HOT, hot.ns, COLD, cold.ns, hot.two.wall, hot.two.processor, cold.two.wall,
           cold.two.processor, hot.two_counting.wall, hot.two_counting.processor, cold.two_counting.wall,
           cold.two_counting.processor);
}
