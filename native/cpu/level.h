// What differs between dispatch levels. Every kernel file is compiled once a level, into that level's namespace
// (SP_LEVEL_NAMESPACE); the rest of its code is plain C++ that the compiler vectorises for the level's instruction set.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

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
inline void store_first(float* p, Vec v, int count) {
    _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << count) - 1), v);
}
inline Vec broadcast(float f) { return _mm512_set1_ps(f); }
inline Vec multiply_add(Vec a, Vec b, Vec c) { return _mm512_fmadd_ps(a, b, c); }
inline float largest_lane(Vec v) { return _mm512_reduce_max_ps(v); }  // of lanes that are numbers
// Whether any lane is not zero (1) or all are (0); NaN is not.
inline int32_t any_not_zero(Vec v) { return _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_NEQ_UQ) != 0; }
inline Vec larger(Vec a, Vec b) { return _mm512_max_ps(a, b); }    // a > b ? a : b
inline Vec smaller(Vec a, Vec b) { return _mm512_min_ps(a, b); }   // a < b ? a : b
// v > 0 ? a : b
inline Vec where_positive(Vec v, Vec a, Vec b) {
    return _mm512_mask_mov_ps(b, _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_GT_OQ), a);
}

// Sixteen pairs of bfloat16 in 32-bit lanes; sum + low * low + high * high in each lane.
using Pairs = __m512i;
inline Pairs load_pairs(const uint16_t* p) { return _mm512_loadu_si512(p); }
#if defined(__AVX512BF16__)
inline Vec multiply_add_pairs(uint32_t a, Pairs b, Vec c) {
    return _mm512_dpbf16_ps(c, reinterpret_cast<__m512bh>(_mm512_set1_epi32(static_cast<int>(a))),
                            reinterpret_cast<__m512bh>(b));
}
#else
inline Vec multiply_add_pairs(uint32_t a, Pairs b, Vec c) {
    const Pairs pair = _mm512_set1_epi32(static_cast<int>(a));
    const Pairs high = _mm512_set1_epi32(static_cast<int>(0xffff0000u));
    c = _mm512_fmadd_ps(_mm512_castsi512_ps(_mm512_slli_epi32(pair, 16)),
                        _mm512_castsi512_ps(_mm512_slli_epi32(b, 16)), c);
    return _mm512_fmadd_ps(_mm512_castsi512_ps(_mm512_and_si512(pair, high)),
                           _mm512_castsi512_ps(_mm512_and_si512(b, high)), c);
}
#endif

// Eight 64-bit lanes whose low halves hold 32-bit words.
using Words = __m512i;
constexpr int kWordLanes = 8;
inline Words words_of(const uint64_t* p) { return _mm512_loadu_si512(p); }
inline Words broadcast_word(uint32_t word) { return _mm512_set1_epi64(word); }
inline Words multiply_low_halves(Words a, uint32_t b) { return _mm512_mul_epu32(a, _mm512_set1_epi64(b)); }
inline Words high_half(Words a) { return _mm512_srli_epi64(a, 32); }
inline Words exclusive_or(Words a, Words b, uint32_t c) {
    return _mm512_ternarylogic_epi64(a, b, _mm512_set1_epi64(c), 0x96);
}
// The words of lane 0 of a, b, c and d, then those of lane 2, 4 and 6; then those of lanes 1, 3, 5 and 7.
inline void store_interleaved(uint32_t* p, Words a, Words b, Words c, Words d) {
    const Words ab = _mm512_mask_mov_epi32(a, 0xaaaa, _mm512_slli_epi64(b, 32));
    const Words cd = _mm512_mask_mov_epi32(c, 0xaaaa, _mm512_slli_epi64(d, 32));
    _mm512_storeu_si512(p, _mm512_unpacklo_epi64(ab, cd));
    _mm512_storeu_si512(p + 16, _mm512_unpackhi_epi64(ab, cd));
}

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
inline void store_first(float* p, Vec v, int count) {
    alignas(32) float lanes[kWidth];
    _mm256_store_ps(lanes, v);
    std::memcpy(p, lanes, sizeof(float) * static_cast<size_t>(count));
}
inline Vec broadcast(float f) { return _mm256_set1_ps(f); }
inline Vec multiply_add(Vec a, Vec b, Vec c) { return _mm256_fmadd_ps(a, b, c); }
inline float largest_lane(Vec v) {
    const __m128 halves = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    const __m128 pairs = _mm_max_ps(halves, _mm_movehl_ps(halves, halves));
    return _mm_cvtss_f32(_mm_max_ss(pairs, _mm_movehdup_ps(pairs)));
}
inline int32_t any_not_zero(Vec v) {
    return _mm256_movemask_ps(_mm256_cmp_ps(v, _mm256_setzero_ps(), _CMP_NEQ_UQ)) != 0;
}
inline Vec larger(Vec a, Vec b) { return _mm256_max_ps(a, b); }
inline Vec smaller(Vec a, Vec b) { return _mm256_min_ps(a, b); }
inline Vec where_positive(Vec v, Vec a, Vec b) {
    return _mm256_blendv_ps(b, a, _mm256_cmp_ps(v, _mm256_setzero_ps(), _CMP_GT_OQ));
}

using Pairs = __m256i;
inline Pairs load_pairs(const uint16_t* p) { return _mm256_loadu_si256(reinterpret_cast<const Pairs*>(p)); }
inline Vec multiply_add_pairs(uint32_t a, Pairs b, Vec c) {
    const Pairs pair = _mm256_set1_epi32(static_cast<int>(a));
    const Pairs high = _mm256_set1_epi32(static_cast<int>(0xffff0000u));
    c = _mm256_fmadd_ps(_mm256_castsi256_ps(_mm256_slli_epi32(pair, 16)),
                        _mm256_castsi256_ps(_mm256_slli_epi32(b, 16)), c);
    return _mm256_fmadd_ps(_mm256_castsi256_ps(_mm256_and_si256(pair, high)),
                           _mm256_castsi256_ps(_mm256_and_si256(b, high)), c);
}

using Words = __m256i;
constexpr int kWordLanes = 4;
inline Words words_of(const uint64_t* p) { return _mm256_loadu_si256(reinterpret_cast<const Words*>(p)); }
inline Words broadcast_word(uint32_t word) { return _mm256_set1_epi64x(word); }
inline Words multiply_low_halves(Words a, uint32_t b) { return _mm256_mul_epu32(a, _mm256_set1_epi64x(b)); }
inline Words high_half(Words a) { return _mm256_srli_epi64(a, 32); }
inline Words exclusive_or(Words a, Words b, uint32_t c) {
    return _mm256_xor_si256(_mm256_xor_si256(a, b), _mm256_set1_epi64x(c));
}
inline void store_interleaved(uint32_t* p, Words a, Words b, Words c, Words d) {
    const Words ab = _mm256_blend_epi32(a, _mm256_slli_epi64(b, 32), 0xaa);
    const Words cd = _mm256_blend_epi32(c, _mm256_slli_epi64(d, 32), 0xaa);
    _mm256_storeu_si256(reinterpret_cast<Words*>(p), _mm256_unpacklo_epi64(ab, cd));
    _mm256_storeu_si256(reinterpret_cast<Words*>(p + 8), _mm256_unpackhi_epi64(ab, cd));
}

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
inline void store_first(float* p, Vec v, int count) { std::memcpy(p, &v, sizeof(float) * static_cast<size_t>(count)); }
inline Vec broadcast(float f) { return Vec{f, f, f, f}; }
// Two roundings: without the instruction a fused product costs a library call.
inline Vec multiply_add(Vec a, Vec b, Vec c) { return a * b + c; }
inline float largest_lane(Vec v) {
    float largest = v[0];
    for (int l = 1; l < kWidth; ++l) {
        largest = v[l] > largest ? v[l] : largest;
    }
    return largest;
}
inline int32_t any_not_zero(Vec v) {
    int32_t any = 0;
    for (int l = 0; l < kWidth; ++l) {
        any |= static_cast<int32_t>(v[l] != 0.0f);
    }
    return any;
}
inline Vec larger(Vec a, Vec b) { return a > b ? a : b; }
inline Vec smaller(Vec a, Vec b) { return a < b ? a : b; }
inline Vec where_positive(Vec v, Vec a, Vec b) { return v > zero() ? a : b; }

typedef uint32_t Pairs __attribute__((vector_size(16)));
inline Pairs load_pairs(const uint16_t* p) {
    Pairs v;
    std::memcpy(&v, p, sizeof v);
    return v;
}
inline Vec float_of_bits(Pairs bits) {
    Vec v;
    std::memcpy(&v, &bits, sizeof v);
    return v;
}
inline Vec multiply_add_pairs(uint32_t a, Pairs b, Vec c) {
    const Pairs pair = {a, a, a, a};
    c = multiply_add(float_of_bits(pair << 16), float_of_bits(b << 16), c);
    return multiply_add(float_of_bits(pair & 0xffff0000u), float_of_bits(b & 0xffff0000u), c);
}

using Words = uint64_t;
constexpr int kWordLanes = 1;
inline Words words_of(const uint64_t* p) { return *p; }
inline Words broadcast_word(uint32_t word) { return word; }
inline Words multiply_low_halves(Words a, uint32_t b) { return uint64_t{static_cast<uint32_t>(a)} * b; }
inline Words high_half(Words a) { return a >> 32; }
inline Words exclusive_or(Words a, Words b, uint32_t c) { return a ^ b ^ c; }
inline void store_interleaved(uint32_t* p, Words a, Words b, Words c, Words d) {
    p[0] = static_cast<uint32_t>(a);
    p[1] = static_cast<uint32_t>(b);
    p[2] = static_cast<uint32_t>(c);
    p[3] = static_cast<uint32_t>(d);
}

#endif

// The bits of a vector's lanes; comparing vectors gives -1 for true.
typedef int32_t VecBits __attribute__((vector_size(sizeof(Vec))));

// Lane i holds i.
inline VecBits lane_numbers() {
    VecBits numbers;
    for (int l = 0; l < kWidth; ++l) {
        numbers[l] = l;
    }
    return numbers;
}

// A count of lanes that is known to be all of them.
using AllLanes = std::integral_constant<int, kWidth>;
inline Vec load_first(const float* p, AllLanes) { return load(p); }
inline void store_first(float* p, Vec v, AllLanes) { store(p, v); }

// Calls use(j, lanes) for the vectors at j = 0, kWidth, ... of a run of `count` values; lanes is AllLanes or, for the last
// vector of a ragged run, an int below kWidth.
template <class Use>
inline void each_vector(int64_t count, Use use) {
    int64_t j = 0;
    for (; j + kWidth <= count; j += kWidth) {
        use(j, AllLanes{});
    }
    if (j < count) {
        use(j, static_cast<int>(count - j));
    }
}

// The scalar twin of the vector multiply_add: the same rounding.
inline float multiply_add(float a, float b, float c) {
#if defined(__FMA__)
    return __builtin_fmaf(a, b, c);
#else
    return a * b + c;
#endif
}

}  // namespace sp::SP_LEVEL_NAMESPACE
