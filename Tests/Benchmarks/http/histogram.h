// Latency statistics in constant memory: buckets that grow with the value, never off by more than 1/64.
#ifndef SMG_BENCH_HISTOGRAM_H
#define SMG_BENCH_HISTOGRAM_H

#include <stdint.h>

/// Buckets for each power of two, and the power from which values are cut (2^42 ns is over an hour).
#define HISTOGRAM_STEP_BITS 6
#define HISTOGRAM_LARGEST_BIT 42
#define HISTOGRAM_STEPS (1u << HISTOGRAM_STEP_BITS)
#define HISTOGRAM_BUCKETS ((HISTOGRAM_LARGEST_BIT - HISTOGRAM_STEP_BITS + 1) * HISTOGRAM_STEPS)

/// Zeroed memory is an empty one.
struct histogram {
    uint64_t buckets[HISTOGRAM_BUCKETS];
    uint64_t count;
    double sum;
};

static inline uint32_t histogram_bucket(uint64_t value) {
    if (value >> HISTOGRAM_LARGEST_BIT) return HISTOGRAM_BUCKETS - 1;
    if (value < HISTOGRAM_STEPS) return (uint32_t)value;
    uint32_t shift = 63u - (uint32_t)__builtin_clzll(value) - HISTOGRAM_STEP_BITS;
    return (shift + 1) * HISTOGRAM_STEPS + (uint32_t)(value >> shift) - HISTOGRAM_STEPS;
}

/// Adds one value, in any unit.
static inline void histogram_add(struct histogram *histogram, uint64_t value) {
    histogram->buckets[histogram_bucket(value)]++;
    histogram->count++;
    histogram->sum += (double)value;
}

static inline double histogram_mean(const struct histogram *histogram) {
    return histogram->count ? histogram->sum / (double)histogram->count : 0;
}

/// The value below which `part` (0 to 1) of the values lie: the middle of its bucket.
static inline double histogram_quantile(const struct histogram *histogram, double part) {
    uint64_t wanted = (uint64_t)(part * (double)histogram->count), seen = 0;
    for (uint32_t bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
        seen += histogram->buckets[bucket];
        if (seen <= wanted) continue;
        if (bucket < HISTOGRAM_STEPS) return bucket;
        uint32_t shift = bucket / HISTOGRAM_STEPS - 1;
        double low = (double)((uint64_t)(HISTOGRAM_STEPS + bucket % HISTOGRAM_STEPS) << shift);
        return low + (double)((uint64_t)1 << shift) / 2;
    }
    return 0;
}

#endif
