// The rate of float32 multiply-adds that this machine can reach at this dispatch level: 16 independent chains of the
// widest vectors, enough for two units of four to five cycles' latency, and nothing else. A ceiling to measure against.
#include "level.h"
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

void fma_peak(const FmaPeak& a, int64_t begin, int64_t end) {
    constexpr int kChains = 16;
    for (int64_t unit = begin; unit < end; ++unit) {
        Vec chains[kChains];
        const Vec factor = broadcast(a.factor);
        const Vec summand = broadcast(1.0f - a.factor);
#pragma GCC unroll 16
        for (int c = 0; c < kChains; ++c) {
            chains[c] = broadcast(static_cast<float>(c));
        }
        for (int64_t i = 0; i < a.iterations; ++i) {
#pragma GCC unroll 16
            for (int c = 0; c < kChains; ++c) {
                chains[c] = multiply_add(chains[c], factor, summand);
            }
        }
        alignas(64) float lanes[kWidth];
        float total = 0.0f;
#pragma GCC unroll 16
        for (int c = 0; c < kChains; ++c) {
            store(lanes, chains[c]);
            total += lanes[0];
        }
        a.sums[unit] = total;  // what is not used may be left out by the compiler
    }
}

int64_t fma_peak_flops(int64_t iterations) {
    return iterations * 16 * kWidth * 2;
}

}  // namespace sp::SP_LEVEL_NAMESPACE
