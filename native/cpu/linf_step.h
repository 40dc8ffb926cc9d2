// The L-inf step of one value: x + step_size * sign(g), clipped to the ball about the origin and to the box [0,1].
//
// Bounds are rounded inwards, so that |x - origin| <= epsilon holds in exact arithmetic on the stored values: plain
// origin +- epsilon in float32 misses by up to an ulp for most pixels. The rounding error of a sum is itself a float
// (Knuth's TwoSum), so its sign says whether the sum was rounded outwards.
#pragma once

#include "elementary.h"

namespace sp::SP_LEVEL_NAMESPACE {

// The largest float32 v <= 1 with v - x <= epsilon exactly; x in [0,1], epsilon >= 0.
inline float upper_bound(float x, float epsilon) {
    const float sum = x + epsilon;
    const float part = sum - x;
    const float error = (x - (sum - part)) + (epsilon - part);
    const float inward = error < 0 ? float_of(bits_of(sum) - 1) : sum;
    return inward < 1.0f ? inward : 1.0f;
}

// The smallest float32 v >= 0 with x - v <= epsilon exactly.
inline float lower_bound(float x, float epsilon) {
    const float difference = x - epsilon;
    const float part = difference - x;
    const float error = (x - (difference - part)) - (epsilon + part);
    const float inward = error > 0 ? float_of(bits_of(difference) + 1) : difference;
    return difference > 0.0f ? inward : 0.0f;
}

// sign(0) = 0, and a gradient that is not a number moves nothing.
inline float sign_of(float g) {
    return static_cast<float>(g > 0) - static_cast<float>(g < 0);
}

inline float clip_linf(float value, float origin, float epsilon) {
    const float low = lower_bound(origin, epsilon);
    const float high = upper_bound(origin, epsilon);
    const float raised = value > low ? value : low;
    return raised < high ? raised : high;
}

inline float linf_stepped(float x, float g, float origin, float step_size, float epsilon) {
    return clip_linf(x + step_size * sign_of(g), origin, epsilon);
}

// The same of a vector, with the same bits.

#if defined(__AVX512F__)

// An addition that rounds downwards gives the largest float32 not above the sum: no error term is needed.
inline Vec upper_bound(Vec x, Vec epsilon) {
    return _mm512_min_ps(_mm512_add_round_ps(x, epsilon, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC), broadcast(1.0f));
}

inline Vec lower_bound(Vec x, Vec epsilon) {
    return _mm512_max_ps(_mm512_sub_round_ps(x, epsilon, _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC), zero());
}

#else

inline Vec upper_bound(Vec x, Vec epsilon) {
    const Vec sum = x + epsilon;
    const Vec part = sum - x;
    const Vec error = (x - (sum - part)) + (epsilon - part);
    const Vec inward = (Vec)((VecBits)sum + (VecBits)(error < zero()));  // true is -1
    return smaller(inward, broadcast(1.0f));
}

inline Vec lower_bound(Vec x, Vec epsilon) {
    const Vec difference = x - epsilon;
    const Vec part = difference - x;
    const Vec error = (x - (difference - part)) - (epsilon + part);
    return where_positive(difference, (Vec)((VecBits)difference - (VecBits)(error > zero())), zero());
}

#endif

inline Vec clip_linf(Vec value, Vec origin, Vec epsilon) {
    return smaller(larger(value, lower_bound(origin, epsilon)), upper_bound(origin, epsilon));
}

inline Vec linf_stepped(Vec x, Vec g, Vec origin, Vec step_size, Vec epsilon) {
    const Vec lowered = where_positive(zero() - g, x - step_size, x);
    return clip_linf(where_positive(g, x + step_size, lowered), origin, epsilon);
}

}  // namespace sp::SP_LEVEL_NAMESPACE
