// What the kernels' tests measure against: plain loops, and the CPU device's own functions of one value (for bits).
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#if defined(__x86_64__) && !defined(__FMA__)
#error "the CPU device's bits are those of its levels with fused multiply-adds: -march=x86-64-v3"
#endif
#define SP_LEVEL_NAMESPACE reference_level
#include "../cpu/linf_step.h"
#include "../cpu/philox.h"

namespace reference {

namespace cpu = sp::SP_LEVEL_NAMESPACE;

constexpr int kRowCounts[] = {1, 7, 33, 61, 100};
constexpr int kWidths[] = {1, 10, 17, 33, 127, 128, 785};

inline uint32_t bits(float f) {
    return cpu::bits_of(f);
}
// Equal bits; all NaNs are one.
inline bool same(float a, float b) {
    return bits(a) == bits(b) || (a != a && b != b);
}
inline bool same(const std::vector<float>& a, const std::vector<float>& b) {
    bool all = a.size() == b.size();
    for (size_t i = 0; all && i < a.size(); i++) {
        all = same(a[i], b[i]);
    }
    return all;
}

// ---- precisions of products ----

enum Precision { kFloat32, kTf32, kBf16 };
constexpr const char* kSuffixes[] = {"", "_tf32", "_bf16"};

// 10 bits of fraction, ties away from zero; 7 bits, ties to even.
inline float rounded(Precision precision, float f) {
    const uint32_t b = bits(f);
    switch (precision) {
        case kTf32: return cpu::float_of((b + 0x1000u) & 0xffffe000u);
        case kBf16: return cpu::float_of((b + 0x7fffu + (b >> 16 & 1u)) & 0xffff0000u);
        default: return f;
    }
}

// Multiples of 1/8 in [-1, 1]: exact in every precision, and so are sums of up to 2^17 products of two of them.
template <class Random>
std::vector<float> exact_floats(Random& random, size_t count) {
    std::vector<float> values(count);
    for (float& value : values) {
        value = static_cast<float>(random.below(17) - 8) / 8.0f;
    }
    return values;
}

// sum over k of a[k * a_step] * b[k * b_step]: its value as one fmaf chain in float32, in double of the rounded operands, and
// the sum of sizes, to which a tolerance is proportional.
struct Product {
    float chain = 0.0f;
    double exact = 0.0, size = 0.0;

    // Sums in float32 in any order of exact products: at most `depth` roundings of partial sums no larger than `size`; twice
    // that, since tensor cores may truncate.
    double tolerance(int depth) const { return size * depth * 0x1p-23; }
};
inline Product product(Precision precision, int depth, const float* a, size_t a_step, const float* b, size_t b_step) {
    Product p;
    for (int k = 0; k < depth; k++) {
        const float left = rounded(precision, a[static_cast<size_t>(k) * a_step]);
        const float right = rounded(precision, b[static_cast<size_t>(k) * b_step]);
        p.chain = std::fmaf(left, right, p.chain);
        p.exact += static_cast<double>(left) * right;
        p.size += std::fabs(static_cast<double>(left) * right);
    }
    return p;
}

// ---- activations: 0 identity, 1 relu, 2 leaky relu, 3 tanh, 4 sigmoid ----

inline float activate(int activation, float slope, float v) {
    switch (activation) {
        case 1: return v > 0 ? v : 0.0f;
        case 2: return v > 0 ? v : slope * v;
        case 3: return cpu::tanh_of(v);
        case 4: return cpu::sigmoid_of(v);
        case 5: return v > 0 ? (v < slope ? v : slope) : 0.0f;
        default: return v;
    }
}
inline double activate(int activation, double slope, double v) {
    switch (activation) {
        case 1: return v > 0 ? v : 0;
        case 2: return v > 0 ? v : slope * v;
        case 3: return std::tanh(v);
        case 4: return 1 / (1 + std::exp(-v));
        case 5: return v > 0 ? (v < slope ? v : slope) : 0;
        default: return v;
    }
}
// activation' by the activation's output.
inline double derivative(int activation, double slope, double y) {
    switch (activation) {
        case 1: return y > 0 ? 1 : 0;
        case 2: return y > 0 ? 1 : slope;
        case 3: return 1 - y * y;
        case 4: return y * (1 - y);
        case 5: return y > 0 && y < slope ? 1 : 0;
        default: return 1;
    }
}
inline float derivative_of(int activation, float slope, float y, float dy) {
    switch (activation) {
        case 1: return y > 0 ? dy : 0.0f;
        case 2: return y > 0 ? dy : slope * dy;
        case 3: return dy * (1.0f - y * y);
        case 4: return dy * (y * (1.0f - y));
        case 5: return y > 0 && y < slope ? dy : 0.0f;
        default: return dy;
    }
}

// ---- attack steps ----

// Values in [0,1], among them both ends.
template <class Random>
std::vector<float> box_floats(Random& random, size_t count) {
    std::vector<float> values(count);
    for (float& value : values) {
        const float v = random.next() * 0.7f + 0.5f;
        value = v < 0 ? 0.0f : (v > 1 ? 1.0f : v);
    }
    return values;
}

// Whether the stored row lies in the box and within epsilon in a norm (0 L-inf, 1 L2, 2 L1), in quadruple precision.
inline bool inside(int norm, int d, const float* x, const float* origin, float epsilon) {
    __float128 sum = 0, largest = 0;
    bool box = true;
    for (int j = 0; j < d; j++) {
        box = box && x[j] >= 0.0f && x[j] <= 1.0f;
        const __float128 difference = static_cast<__float128>(x[j]) - static_cast<__float128>(origin[j]);
        const __float128 size = difference < 0 ? -difference : difference;
        largest = size > largest ? size : largest;
        sum += norm == 1 ? size * size : size;
    }
    const __float128 radius = epsilon;
    return box && (norm == 0 ? largest <= radius : sum <= (norm == 1 ? radius * radius : radius));
}

inline double clip_box(double v) {
    return v < 0 ? 0 : (v > 1 ? 1 : v);
}

inline void project_l2(int d, const float* origin, double epsilon, double* x) {
    double sum = 0;
    for (int j = 0; j < d; j++) {
        sum += (x[j] - origin[j]) * (x[j] - origin[j]);
    }
    const double factor = std::sqrt(sum) > epsilon ? epsilon / std::sqrt(sum) : 1;
    for (int j = 0; j < d; j++) {
        x[j] = clip_box(origin[j] + (x[j] - origin[j]) * factor);
    }
}

// Onto ball and box: the threshold by bisection.
inline void project_l1(int d, const float* origin, double epsilon, double* x) {
    const auto length = [&](int j, double lambda) {
        const double delta = x[j] - origin[j];
        const double room = delta > 0 ? 1.0 - origin[j] : static_cast<double>(origin[j]);
        return std::fmin(room, std::fmax(std::fabs(delta) - lambda, 0.0));
    };
    const auto total = [&](double lambda) {
        double sum = 0;
        for (int j = 0; j < d; j++) {
            sum += length(j, lambda);
        }
        return sum;
    };
    double low = 0, high = 0;
    for (int j = 0; j < d; j++) {
        high = std::fmax(high, std::fabs(x[j] - origin[j]));
    }
    for (int i = 0; i < 100; i++) {
        const double middle = (low + high) / 2;
        (total(middle) > epsilon ? low : high) = middle;
    }
    const double lambda = total(0) <= epsilon ? 0 : high;
    for (int j = 0; j < d; j++) {
        const double delta = x[j] - origin[j];
        x[j] = origin[j] + (delta > 0 ? length(j, lambda) : -length(j, lambda));
    }
}

// The words of one example.
inline std::vector<uint32_t> philox_words(uint64_t seed, int count, int index, uint32_t restart, uint32_t stream) {
    std::vector<uint32_t> words(static_cast<size_t>(count));
    cpu::philox_each(seed, 0, index, restart, stream, count,
                     [&](int64_t j, uint32_t word) { words[static_cast<size_t>(j)] = word; });
    return words;
}

}  // namespace reference

inline unsigned blocks(long long count, long long each) {
    return static_cast<unsigned>((count + each - 1) / each);
}
