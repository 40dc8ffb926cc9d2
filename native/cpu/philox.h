// Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"). The layout of key and counter is the
// library's, the same on every device: key = the 64-bit seed; counter = (element / 4, example index, restart or step,
// purpose << 24 | epoch). So a number depends on what it is for, never on batch, thread or order.
#pragma once

#include <cstdint>

namespace sp::SP_LEVEL_NAMESPACE {

constexpr int kPhiloxLanes = 16;  // counters computed together, so that the rounds vectorise

// words[w][l] = word w of the block counter0 + l.
inline void philox_blocks(uint64_t seed, uint32_t counter0, uint32_t counter1, uint32_t counter2, uint32_t counter3,
                          uint32_t (&words)[4][kPhiloxLanes]) {
    for (int l = 0; l < kPhiloxLanes; ++l) {
        words[0][l] = counter0 + static_cast<uint32_t>(l);
        words[1][l] = counter1;
        words[2][l] = counter2;
        words[3][l] = counter3;
    }
    uint32_t key0 = static_cast<uint32_t>(seed);
    uint32_t key1 = static_cast<uint32_t>(seed >> 32);
    for (int round = 0; round < 10; ++round) {
        for (int l = 0; l < kPhiloxLanes; ++l) {
            const uint64_t product0 = uint64_t{0xD2511F53u} * words[0][l];
            const uint64_t product1 = uint64_t{0xCD9E8D57u} * words[2][l];
            const uint32_t high0 = static_cast<uint32_t>(product0 >> 32);
            const uint32_t high1 = static_cast<uint32_t>(product1 >> 32);
            words[0][l] = high1 ^ words[1][l] ^ key0;
            words[1][l] = static_cast<uint32_t>(product1);
            words[2][l] = high0 ^ words[3][l] ^ key1;
            words[3][l] = static_cast<uint32_t>(product0);
        }
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
}

// Calls use(element, word) for elements 0 .. count-1 of one example, in order.
template <class Use>
inline void philox_each(uint64_t seed, uint32_t first_block, int32_t index, uint32_t restart, uint32_t stream,
                        int64_t count, const Use& use) {
    uint32_t words[4][kPhiloxLanes];
    for (int64_t at = 0; at < count; at += 4 * kPhiloxLanes) {
        philox_blocks(seed, first_block + static_cast<uint32_t>(at / 4), static_cast<uint32_t>(index), restart, stream,
                      words);
        const int64_t here = count - at < 4 * kPhiloxLanes ? count - at : 4 * kPhiloxLanes;
        for (int64_t e = 0; e < here; ++e) {
            use(at + e, words[e % 4][e / 4]);
        }
    }
}

// Uniform in [0,1) on 2^24 points.
inline float uniform_of(uint32_t word) {
    return static_cast<float>(word >> 8) * 0x1p-24f;
}

}  // namespace sp::SP_LEVEL_NAMESPACE
