// Distances of stored float32 rows, in double, and the last word on staying inside a ball.
#pragma once

#include <cmath>

#include "linf_step.h"

namespace sp::SP_LEVEL_NAMESPACE {

// Eight values in double, whatever the level's vectors hold: the compiler splits them.
typedef double Doubles __attribute__((vector_size(64)));
constexpr int kDoubles = 8;

// The first `count` of eight values, the others zero.
inline Doubles doubles_of(const float* p, int64_t count) {
    typedef float Floats __attribute__((vector_size(32)));
    Floats values = {};
    if (count >= kDoubles) {
        std::memcpy(&values, p, sizeof values);
    } else {
        std::memcpy(&values, p, sizeof(float) * static_cast<size_t>(count));
    }
    return __builtin_convertvector(values, Doubles);
}

// Calls use(j, count) for the `count` values from j on, eight at a time as long as there are so many.
template <class Use>
inline void each_eight(int64_t d, Use use) {
    int64_t j = 0;
    for (; j + kDoubles <= d; j += kDoubles) {
        use(j, kDoubles);
    }
    if (j < d) {
        use(j, d - j);
    }
}

inline double total_of(Doubles sums) {
    return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

// Sum over j of terms in a fixed order that vectorises: eight interleaved partial sums. term(j, count) gives those of the
// `count` values from j on, and zero in the other lanes.
template <class Term>
inline double sum_of(int64_t d, Term term) {
    Doubles sums = {};
    each_eight(d, [&](int64_t j, int64_t count) { sums += term(j, count); });
    return total_of(sums);
}

// The largest of terms that are not negative.
template <class Term>
inline double largest_of(int64_t d, Term term) {
    Doubles largest = {};
    each_eight(d, [&](int64_t j, int64_t count) {
        const Doubles terms = term(j, count);
        largest = terms > largest ? terms : largest;
    });
    double most = 0.0;
    for (int i = 0; i < kDoubles; ++i) {
        most = largest[i] > most ? largest[i] : most;
    }
    return most;
}

inline Doubles size_of(Doubles v) {
    return v < 0.0 ? -v : v;
}

inline double distance_linf(int64_t d, const float* x, const float* origin) {
    return largest_of(d, [=](int64_t j, int64_t count) {
        return size_of(doubles_of(x + j, count) - doubles_of(origin + j, count));
    });
}

inline double distance_l2(int64_t d, const float* x, const float* origin) {
    return std::sqrt(sum_of(d, [=](int64_t j, int64_t count) {
        const Doubles delta = doubles_of(x + j, count) - doubles_of(origin + j, count);
        return delta * delta;
    }));
}

inline double distance_l1(int64_t d, const float* x, const float* origin) {
    return sum_of(d, [=](int64_t j, int64_t count) {
        return size_of(doubles_of(x + j, count) - doubles_of(origin + j, count));
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
