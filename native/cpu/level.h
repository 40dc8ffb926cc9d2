// What differs between dispatch levels. Every kernel file is compiled once a level, into that level's namespace
// (SP_LEVEL_NAMESPACE); the rest of its code is plain C++ that the compiler vectorises for the level's instruction set.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace sp::SP_LEVEL_NAMESPACE {

#if defined(__AVX512F__)

using Vec = __m512;
constexpr int kWidth = 16;
inline Vec zero() { return _mm512_setzero_ps(); }
inline Vec load(const float* p) { return _mm512_loadu_ps(p); }
inline Vec load_first(const float* p, int count) {
    return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1), p);
}
inline void store(float* p, Vec v) { _mm512_storeu_ps(p, v); }
inline Vec broadcast(float f) { return _mm512_set1_ps(f); }
inline Vec multiply_add(Vec a, Vec b, Vec c) { return _mm512_fmadd_ps(a, b, c); }

#elif defined(__AVX2__) && defined(__FMA__)

using Vec = __m256;
constexpr int kWidth = 8;
inline Vec zero() { return _mm256_setzero_ps(); }
inline Vec load(const float* p) { return _mm256_loadu_ps(p); }
inline Vec load_first(const float* p, int count) {
    alignas(32) float lanes[kWidth] = {};
    std::memcpy(lanes, p, sizeof(float) * static_cast<size_t>(count));
    return _mm256_load_ps(lanes);
}
inline void store(float* p, Vec v) { _mm256_storeu_ps(p, v); }
inline Vec broadcast(float f) { return _mm256_set1_ps(f); }
inline Vec multiply_add(Vec a, Vec b, Vec c) { return _mm256_fmadd_ps(a, b, c); }

#else

typedef float Vec __attribute__((vector_size(16)));
constexpr int kWidth = 4;
inline Vec zero() { return Vec{}; }
inline Vec load(const float* p) {
    Vec v;
    std::memcpy(&v, p, sizeof v);
    return v;
}
inline Vec load_first(const float* p, int count) {
    Vec v = {};
    std::memcpy(&v, p, sizeof(float) * static_cast<size_t>(count));
    return v;
}
inline void store(float* p, Vec v) { std::memcpy(p, &v, sizeof v); }
inline Vec broadcast(float f) { return Vec{f, f, f, f}; }
// Two roundings: without the instruction a fused product costs a library call.
inline Vec multiply_add(Vec a, Vec b, Vec c) { return a * b + c; }

#endif

// The scalar twin of the vector multiply_add: the same rounding.
inline float multiply_add(float a, float b, float c) {
#if defined(__FMA__)
    return __builtin_fmaf(a, b, c);
#else
    return a * b + c;
#endif
}

}  // namespace sp::SP_LEVEL_NAMESPACE
