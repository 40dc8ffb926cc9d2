// bfloat16 operands: the upper half of a float32, rounded to nearest even. Products of them are exact in float32.
#pragma once

#include <algorithm>

#include "elementary.h"
#include "operations.h"
#include "transpose.h"

namespace sp::SP_LEVEL_NAMESPACE {

inline uint16_t bf16_of(float f) {
    const uint32_t bits = bits_of(f);
    return static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

// Elements of a row of `width` values, padded to whole pairs.
inline int64_t bf16_row(int64_t width) {
    return (width + 1) / 2 * 2;
}

// Rows of `width` values as bfloat16 rows, an odd one padded with zero.
inline void bf16_rows(int64_t rows, int64_t width, const float* x, uint16_t* __restrict out) {
    for (int64_t i = 0; i < rows; ++i) {
        uint16_t* __restrict row = out + i * bf16_row(width);
        const float* __restrict from = x + i * width;
        for (int64_t j = 0; j < width; ++j) {
            row[j] = bf16_of(from[j]);
        }
        if (width % 2 != 0) {
            row[width] = 0;
        }
    }
}

// A panel of B for the forward product: outputs [panel * kPanel, ...) of W (out x in), pairs along the inputs
// [first, first + count), first even; outputs that do not exist are zero. A transposition of pairs.
inline void bf16_pack_forward(int64_t in, int64_t out, const float* w, int64_t panel, int64_t first, int64_t count,
                              uint16_t* packed) {
    constexpr int64_t kPairs = 16;
    uint16_t* base = packed + panel * kPanel * bf16_row(in);
    const int64_t columns = std::min(kPanel, out - panel * kPanel);
    uint32_t pairs[kPanel][kPairs] = {};
    for (int64_t k = first; k < first + count; k += 2 * kPairs) {
        const int64_t here = std::min(2 * kPairs, first + count - k);
        for (int64_t c = 0; c < columns; ++c) {
            bf16_rows(1, here, w + (panel * kPanel + c) * in + k, reinterpret_cast<uint16_t*>(pairs[c]));
        }
        transpose(kPanel, (here + 1) / 2, pairs[0], kPairs, reinterpret_cast<uint32_t*>(base + k * kPanel), kPanel);
    }
}

// A panel of B for the input-gradient product: inputs [panel * kPanel, ...) of W, pairs along the outputs.
inline void bf16_pack_backward(int64_t in, int64_t out, const float* w, int64_t panel, uint16_t* packed) {
    uint16_t* base = packed + panel * kPanel * bf16_row(out);
    const int64_t columns = std::min(kPanel, in - panel * kPanel);
    for (int64_t o = 0; o < out; o += 2) {
        const float* even = w + o * in + panel * kPanel;
        const float* odd = even + in;
        uint16_t* __restrict pairs = base + o * kPanel;
        if (o + 1 < out && columns == kPanel) {
            for (int64_t c = 0; c < kPanel; ++c) {
                pairs[2 * c] = bf16_of(even[c]);
                pairs[2 * c + 1] = bf16_of(odd[c]);
            }
            continue;
        }
        for (int64_t c = 0; c < kPanel; ++c) {
            pairs[2 * c] = c < columns ? bf16_of(even[c]) : uint16_t{0};
            pairs[2 * c + 1] = c < columns && o + 1 < out ? bf16_of(odd[c]) : uint16_t{0};
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
