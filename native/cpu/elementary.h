// exp, tanh and sigmoid in plain arithmetic: they vectorise, and their bits do not depend on the C library's version.
// Polynomials: S. L. Moshier's Cephes library (expf, tanhf), about 2 units in the last place.
//
// Always inlined: a loop that calls one of them does not vectorise, and in a large function the compiler would call.
#pragma once

#include "level.h"

namespace sp::SP_LEVEL_NAMESPACE {

inline float float_of(uint32_t bits) {
    float f;
    std::memcpy(&f, &bits, sizeof f);
    return f;
}

inline uint32_t bits_of(float f) {
    uint32_t bits;
    std::memcpy(&bits, &f, sizeof bits);
    return bits;
}

// exp(x); 0 below -87 (no denormals), infinity above 88.7, NaN for NaN.
__attribute__((always_inline)) inline float exp_of(float x) {
    const float clamped = x < -87.0f ? -87.0f : (x > 88.0f ? 88.0f : x);
    // Adding 1.5 * 2^23 leaves the nearest integer in the low bits.
    const float shifted = multiply_add(clamped, 1.44269504088896341f, 12582912.0f);
    const float n = shifted - 12582912.0f;
    float r = multiply_add(n, -0.693359375f, clamped);
    r = multiply_add(n, 2.12194440e-4f, r);
    float p = 1.9875691500e-4f;
    p = multiply_add(p, r, 1.3981999507e-3f);
    p = multiply_add(p, r, 8.3334519073e-3f);
    p = multiply_add(p, r, 4.1665795894e-2f);
    p = multiply_add(p, r, 1.6666665459e-1f);
    p = multiply_add(p, r, 5.0000001201e-1f);
    p = multiply_add(p, r * r, r) + 1.0f;
    const float scale = float_of((bits_of(shifted) + 127u) << 23);
    float result = p * scale;
    result = x < -87.0f ? 0.0f : result;
    result = x > 88.7f ? float_of(0x7f800000u) : (x > 88.0f ? result * (1.0f + (x - 88.0f)) : result);
    return x == x ? result : x;
}

// Of a vector, with the same bits.
inline Vec exp_of(Vec x) {
    const Vec low = broadcast(-87.0f);
    const Vec high = broadcast(88.0f);
    const Vec clamped = smaller(larger(x, low), high);
    const Vec shifted = multiply_add(clamped, broadcast(1.44269504088896341f), broadcast(12582912.0f));
    const Vec n = shifted - broadcast(12582912.0f);
    Vec r = multiply_add(n, broadcast(-0.693359375f), clamped);
    r = multiply_add(n, broadcast(2.12194440e-4f), r);
    Vec p = broadcast(1.9875691500e-4f);
    p = multiply_add(p, r, broadcast(1.3981999507e-3f));
    p = multiply_add(p, r, broadcast(8.3334519073e-3f));
    p = multiply_add(p, r, broadcast(4.1665795894e-2f));
    p = multiply_add(p, r, broadcast(1.6666665459e-1f));
    p = multiply_add(p, r, broadcast(5.0000001201e-1f));
    p = multiply_add(p, r * r, r) + broadcast(1.0f);
    Vec result = p * (Vec)(((VecBits)shifted + 127) << 23);
    result = where_positive(low - x, zero(), result);
    result = where_positive(x - high, result * (broadcast(1.0f) + (x - high)), result);
    result = where_positive(x - broadcast(88.7f), broadcast(float_of(0x7f800000u)), result);
    return x == x ? result : x;
}

__attribute__((always_inline)) inline float sigmoid_of(float x) {
    return 1.0f / (1.0f + exp_of(-x));
}

__attribute__((always_inline)) inline float tanh_of(float x) {
    const float a = x < 0 ? -x : x;
    const float s = x * x;
    float p = -5.70498872745e-3f;
    p = multiply_add(p, s, 2.06390887954e-2f);
    p = multiply_add(p, s, -5.37397155531e-2f);
    p = multiply_add(p, s, 1.33314422036e-1f);
    p = multiply_add(p, s, -3.33332819422e-1f);
    const float small = multiply_add(p * s, x, x);
    const float e = 1.0f - 2.0f / (exp_of(2.0f * a) + 1.0f);
    const float large = x < 0 ? -e : e;
    return a < 0.625f ? small : large;
}

}  // namespace sp::SP_LEVEL_NAMESPACE
