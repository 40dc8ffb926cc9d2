// Distances of stored float32 rows, in double, and the last word on staying inside a ball.
#pragma once

#include <cmath>

#include "linf_step.h"

namespace sp::SP_LEVEL_NAMESPACE {

// Sum of term(j) over j in a fixed order that vectorises: eight interleaved partial sums.
template <class Term>
inline double sum_of(int64_t d, const Term& term) {
    double lanes[8] = {};
    int64_t j = 0;
    for (; j + 8 <= d; j += 8) {
        for (int l = 0; l < 8; ++l) {
            lanes[l] += term(j + l);
        }
    }
    for (; j < d; ++j) {
        lanes[j % 8] += term(j);
    }
    return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
}

inline double distance_l2(int64_t d, const float* x, const float* origin) {
    return std::sqrt(sum_of(d, [&](int64_t j) {
        const double delta = static_cast<double>(x[j]) - static_cast<double>(origin[j]);
        return delta * delta;
    }));
}

inline double distance_l1(int64_t d, const float* x, const float* origin) {
    return sum_of(d, [&](int64_t j) {
        return std::fabs(static_cast<double>(x[j]) - static_cast<double>(origin[j]));
    });
}

inline float clip_box(float v) {
    const float raised = v > 0.0f ? v : 0.0f;
    return raised < 1.0f ? raised : 1.0f;
}

// A measured distance, with the rounding of any order of summation allowed for: if it is at most epsilon, so is the
// distance in exact arithmetic.
inline double with_allowance(int64_t d, double distance) {
    return distance * (1.0 + static_cast<double>(d) * 0x1p-52);
}

inline bool in_box(int64_t d, const float* x) {
    int32_t outside = 0;
    for (int64_t j = 0; j < d; ++j) {
        outside |= static_cast<int32_t>(!(x[j] >= 0.0f)) | static_cast<int32_t>(!(x[j] <= 1.0f));
    }
    return outside == 0;
}

// Rounding to float32 may have left a projected row an ulp outside: shrinks it towards the origin, by an ulp at first
// and twice as much each time after (an ulp less may round back to the same floats), until its distance is at most
// epsilon.
template <class Distance>
inline void shrink_inside(int64_t d, const float* origin, float epsilon, const Distance& distance, float* x) {
    for (double less = 0x1p-24; with_allowance(d, distance(d, x, origin)) > static_cast<double>(epsilon);) {
        less = less < 0.5 ? less * 2 : 1.0;
        for (int64_t j = 0; j < d; ++j) {
            const double from = origin[j];
            x[j] = static_cast<float>(from + (static_cast<double>(x[j]) - from) * (1.0 - less));
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
