// The yardstick for verification in process: well-formedness with checksum, SHA-256 and one lookup for each key, in
// C, without HTTP. Prints nanoseconds an operation as JSON, medians over several runs.
//
//   inprocess [SEED (1)] [RUNS (7)]
//
// What a program compared with this must do alike:
// - Keys are made by `key_make` from the seed, in order 0, 1, 2 …, and put into the table in that order.
// - Presented are their texts of 67 bytes, contiguous in memory, copied there in a random order (Fisher-Yates, from
//   the seed + 1). So reading the texts is sequential, as the bytes of a request are warm once it has been read, and
//   what is cold or hot is the table alone. The order of presentation says nothing about the order of insertion.
// - "hot": 1,000 keys known, presented again and again. "cold": 1,000,000 keys known, each presented once a run.
// - Each operation takes the text's address and gives known or not, which is counted and compared at the end.
#define _GNU_SOURCE
#include <time.h>
#include "keys.h"

enum { HOT = 1000, COLD = 1000000, MOST_RUNS = 99 };

static double now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
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

static double measure(size_t count, size_t repetitions, int runs, uint64_t seed) {
    key_table table = table_make(count);
    uint8_t *presented = make_keys(count, seed, &table);
    double times[MOST_RUNS];
    for (int run = -1; run < runs; run++) {  // the first is not counted
        size_t known = 0;
        double begin = now_ns();
        for (size_t repetition = 0; repetition < repetitions; repetition++)
            for (size_t i = 0; i < count; i++) known += key_is_known(&table, presented + i * KEY_LENGTH);
        double time = (now_ns() - begin) / (double)(count * repetitions);
        if (known != count * repetitions) { fputs("inprocess: a key was not found\n", stderr); exit(1); }
        if (run >= 0) times[run] = time;
    }
    free(presented);
    free(table.slots);
    qsort(times, (size_t)runs, sizeof *times, ascending);
    return times[runs / 2];
}

static double measure_sha256(int runs, uint64_t seed) {
    uint8_t text[KEY_LENGTH + 1];
    double times[MOST_RUNS];
    key_make(&seed, text);
    for (int run = 0; run < runs; run++) {
        double begin = now_ns();
        for (int i = 0; i < 1000000; i++) {
            digest d = sha256_of_key(text);
            text[66] ^= (uint8_t)(d.words[0] & 1);  // each depends on the one before
        }
        times[run] = (now_ns() - begin) / 1000000;
    }
    qsort(times, (size_t)runs, sizeof *times, ascending);
    return times[runs / 2];
}

int main(int count, char **words) {
    uint64_t seed = count > 1 ? strtoull(words[1], NULL, 10) : 1;
    int runs = count > 2 ? atoi(words[2]) : 7;
    if (runs < 1 || runs > MOST_RUNS) { fputs("inprocess [SEED] [RUNS 1…99]\n", stderr); return 2; }
    require_sha_instructions("inprocess");
    printf("{\"seed\":%lu,\"runs\":%d,\"sha256_ns\":%.1f,\"hot_keys\":%d,\"hot_ns\":%.1f,\"cold_keys\":%d,\"cold_ns\":%.1f}\n",
           seed, runs, measure_sha256(runs, seed), HOT, measure(HOT, 1000, runs, seed), COLD,
           measure(COLD, 1, runs, seed));
}
