// Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"). The layout of key and counter is the
// library's, the same on every device: key = the 64-bit seed; counter = (element / 4, example index, restart or step,
// purpose << 24 | epoch). So a number depends on what it is for, never on batch, thread or order.
#pragma once

#include <cstdint>

#include "level.h"

namespace sp::SP_LEVEL_NAMESPACE {

constexpr int kPhiloxLanes = 16;  // blocks computed together: as many words as fill four of the longest vectors

// The words of blocks counter0 .. counter0 + kPhiloxLanes - 1, in the order of elements. Only the low halves of the
// 64-bit lanes count: products read no more of them.
inline void philox_blocks(uint64_t seed, uint32_t counter0, uint32_t counter1, uint32_t counter2, uint32_t counter3,
                          uint32_t* __restrict out) {
    constexpr int kGroups = kPhiloxLanes / kWordLanes;
    // Even lanes hold the first half of a group's blocks, odd lanes the second: the order of store_interleaved.
    alignas(64) uint64_t order[kWordLanes];
    for (uint64_t l = 0; l < kWordLanes; ++l) {
        order[l] = l / 2 + l % 2 * (kWordLanes / 2);
    }
    Words c[4][kGroups];
    for (uint32_t g = 0; g < kGroups; ++g) {
        c[0][g] = words_of(order) + broadcast_word(counter0 + g * kWordLanes);
        c[1][g] = broadcast_word(counter1);
        c[2][g] = broadcast_word(counter2);
        c[3][g] = broadcast_word(counter3);
    }
    uint32_t key0 = static_cast<uint32_t>(seed);
    uint32_t key1 = static_cast<uint32_t>(seed >> 32);
    for (int round = 0; round < 10; ++round) {
        for (int g = 0; g < kGroups; ++g) {
            const Words product0 = multiply_low_halves(c[0][g], 0xD2511F53u);
            const Words product1 = multiply_low_halves(c[2][g], 0xCD9E8D57u);
            c[0][g] = exclusive_or(high_half(product1), c[1][g], key0);
            c[1][g] = product1;
            c[2][g] = exclusive_or(high_half(product0), c[3][g], key1);
            c[3][g] = product0;
        }
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    for (int g = 0; g < kGroups; ++g) {
        store_interleaved(out + 4 * kWordLanes * g, c[0][g], c[1][g], c[2][g], c[3][g]);
    }
}

// Calls use(first element, count, words) for runs of elements 0 .. count-1 of one example, in order.
template <class Use>
inline void philox_runs(uint64_t seed, uint32_t first_block, int32_t index, uint32_t restart, uint32_t stream,
                        int64_t count, const Use& use) {
    alignas(64) uint32_t words[4 * kPhiloxLanes];
    for (int64_t at = 0; at < count; at += 4 * kPhiloxLanes) {
        philox_blocks(seed, first_block + static_cast<uint32_t>(at / 4), static_cast<uint32_t>(index), restart, stream,
                      words);
        use(at, count - at < 4 * kPhiloxLanes ? count - at : int64_t{4 * kPhiloxLanes}, words);
    }
}

// Calls use(element, word) for elements 0 .. count-1 of one example, in order.
template <class Use>
inline void philox_each(uint64_t seed, uint32_t first_block, int32_t index, uint32_t restart, uint32_t stream,
                        int64_t count, const Use& use) {
    philox_runs(seed, first_block, index, restart, stream, count,
                [&use](int64_t at, int64_t here, const uint32_t* words) {
                    for (int64_t e = 0; e < here; ++e) {
                        use(at + e, words[e]);
                    }
                });
}

// Uniform in [0,1) on 2^24 points.
inline float uniform_of(uint32_t word) {
    return static_cast<float>(word >> 8) * 0x1p-24f;
}

// Of the vector of words at p.
inline Vec uniforms_of(const uint32_t* p) {
    VecBits words;
    std::memcpy(&words, p, sizeof words);
    return __builtin_convertvector((words >> 8) & 0xffffff, Vec) * broadcast(0x1p-24f);
}

}  // namespace sp::SP_LEVEL_NAMESPACE
