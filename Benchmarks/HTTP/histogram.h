// A log-linear histogram of nanoseconds: 128 steps for every doubling, so a percentile is off by less than 0.8 %
// whatever its size, and recording is one addition.
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>
#include <stdio.h>

enum { HISTOGRAM_STEP_BITS = 7, HISTOGRAM_STEPS = 1 << HISTOGRAM_STEP_BITS, HISTOGRAM_DOUBLINGS = 40 };

typedef struct {
    uint64_t counts[(HISTOGRAM_DOUBLINGS + 1) * HISTOGRAM_STEPS];
    uint64_t total, largest;
} histogram;

static inline void histogram_record(histogram *h, uint64_t ns) {
    uint64_t index = ns;
    if (ns >= 2 * HISTOGRAM_STEPS) {
        int shift = 63 - __builtin_clzll(ns) - HISTOGRAM_STEP_BITS;
        index = (uint64_t)shift * HISTOGRAM_STEPS + (ns >> shift);
    }
    uint64_t last = sizeof h->counts / sizeof h->counts[0] - 1;
    h->counts[index < last ? index : last]++;
    h->total++;
    if (ns > h->largest) h->largest = ns;
}

// The upper end of the step in which the given share of the values has been seen, in microseconds.
static inline double histogram_percentile(const histogram *h, double percent) {
    if (h->total == 0) return 0;
    uint64_t wanted = (uint64_t)(percent / 100 * (double)h->total + 0.5), seen = 0;
    if (wanted < 1) wanted = 1;
    for (uint64_t index = 0; index < sizeof h->counts / sizeof h->counts[0]; index++) {
        seen += h->counts[index];
        if (seen < wanted) continue;
        uint64_t upper = index;
        if (index >= 2 * HISTOGRAM_STEPS) {
            uint64_t shift = index / HISTOGRAM_STEPS - 1;
            upper = ((index % HISTOGRAM_STEPS + HISTOGRAM_STEPS + 1) << shift) - 1;
        }
        return (double)(upper < h->largest ? upper : h->largest) / 1000;
    }
    return (double)h->largest / 1000;
}

static inline void histogram_print(const histogram *h, FILE *out) {
    fprintf(out, "{\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"p99.9\":%.1f,\"p99.99\":%.1f,\"max\":%.1f}",
            histogram_percentile(h, 50), histogram_percentile(h, 90), histogram_percentile(h, 99),
            histogram_percentile(h, 99.9), histogram_percentile(h, 99.99), (double)h->largest / 1000);
}

#endif
