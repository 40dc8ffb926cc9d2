// Sums over one row, in double: lane l of 32 sums elements l, l + 32, ..., then the lanes are added as a tree: the order of a
// warp of the CUDA device.
#pragma once

#include <algorithm>

#include "level.h"

namespace sp::SP_LEVEL_NAMESPACE {

constexpr int kLanes = 32;

// sums[s] = the row's sums of terms s = 0 .. kSums - 1; term(j, add) calls add(s, value) for each.
template <int kSums, class Term>
inline void row_sums(int64_t count, const Term& term, double (&sums)[kSums]) {
    alignas(64) double lanes[kSums][kLanes] = {};
    int64_t j = 0;
    for (; j + kLanes <= count; j += kLanes) {
        for (int l = 0; l < kLanes; ++l) {
            term(j + l, [&](int s, double value) { lanes[s][l] += value; });
        }
    }
    for (int l = 0; j + l < count; ++l) {
        term(j + l, [&](int s, double value) { lanes[s][l] += value; });
    }
    for (int s = 0; s < kSums; ++s) {
        for (int offset = kLanes / 2; offset > 0; offset /= 2) {
            for (int l = 0; l < offset; ++l) {
                lanes[s][l] += lanes[s][l + offset];
            }
        }
        sums[s] = lanes[s][0];
    }
}

struct RowStatistics {
    float mean;
    float inverse;  // 1 / sqrt(variance + epsilon)
};

// From the sums of deviations from the row's first element and of their squares (see channel_statistics.cpp).
inline RowStatistics statistics_of(int64_t count, double first, double sum, double squares, float epsilon) {
    const double deviation = sum / static_cast<double>(count);
    const double variance = std::max(squares / static_cast<double>(count) - deviation * deviation, 0.0);
    return {static_cast<float>(first + deviation),
            static_cast<float>(1.0 / __builtin_sqrt(variance + static_cast<double>(epsilon)))};
}

inline RowStatistics row_statistics(int64_t count, const float* x, float epsilon) {
    const double first = x[0];
    double sums[2];
    row_sums(count,
             [x, first](int64_t j, const auto& add) {
                 const double deviation = static_cast<double>(x[j]) - first;
                 add(0, deviation);
                 add(1, deviation * deviation);
             },
             sums);
    return statistics_of(count, first, sums[0], sums[1], epsilon);
}

}  // namespace sp::SP_LEVEL_NAMESPACE
