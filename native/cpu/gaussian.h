// Standard normal draws of a row from Philox words (Box and Muller): elements 2k and 2k + 1 from words 2k and 2k + 1.
#pragma once

#include <cmath>

#include "philox.h"

namespace sp::SP_LEVEL_NAMESPACE {

// Uniform in (0,1], for logarithms.
inline double positive_uniform(uint32_t word) {
    return (static_cast<double>(word >> 8) + 1.0) * 0x1p-24;
}

inline void gaussian_row(int64_t d, int32_t index, uint64_t seed, uint32_t stream, uint32_t restart, float* x) {
    double radius = 0.0;
    philox_each(seed, 0, index, restart, stream, (d + 1) / 2 * 2, [&](int64_t j, uint32_t word) {
        if (j % 2 == 0) {
            radius = std::sqrt(-2.0 * std::log(positive_uniform(word)));
            return;
        }
        const double angle = 6.283185307179586 * static_cast<double>(uniform_of(word));
        x[j - 1] = static_cast<float>(radius * std::cos(angle));
        if (j < d) {
            x[j] = static_cast<float>(radius * std::sin(angle));
        }
    });
}

}  // namespace sp::SP_LEVEL_NAMESPACE
