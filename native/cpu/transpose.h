// Transposition of blocks of 32-bit values: packing weights is one.
#pragma once

#include "level.h"

namespace sp::SP_LEVEL_NAMESPACE {

constexpr int64_t kTransposed = 16;

#if defined(__AVX512F__)

// out[c * out_row + r] = in[r * in_row + c] for r, c < kTransposed.
inline void transpose_block(const uint32_t* in, int64_t in_row, uint32_t* out, int64_t out_row) {
    __m512i a[16], b[16];
    for (int i = 0; i < 16; ++i) {
        a[i] = _mm512_loadu_si512(in + i * in_row);
    }
    // Pairs of rows, then fours of rows: lane j of every 128-bit part then holds four rows of column 4 * part + j.
    for (int i = 0; i < 16; i += 2) {
        b[i] = _mm512_unpacklo_epi32(a[i], a[i + 1]);
        b[i + 1] = _mm512_unpackhi_epi32(a[i], a[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
        a[i] = _mm512_unpacklo_epi64(b[i], b[i + 2]);
        a[i + 1] = _mm512_unpackhi_epi64(b[i], b[i + 2]);
        a[i + 2] = _mm512_unpacklo_epi64(b[i + 1], b[i + 3]);
        a[i + 3] = _mm512_unpackhi_epi64(b[i + 1], b[i + 3]);
    }
    // The 128-bit parts of four such groups are a 4 x 4 transposition of their own.
    for (int j = 0; j < 4; ++j) {
        const __m512i even01 = _mm512_shuffle_i32x4(a[j], a[4 + j], 0x88);
        const __m512i odd01 = _mm512_shuffle_i32x4(a[j], a[4 + j], 0xdd);
        const __m512i even23 = _mm512_shuffle_i32x4(a[8 + j], a[12 + j], 0x88);
        const __m512i odd23 = _mm512_shuffle_i32x4(a[8 + j], a[12 + j], 0xdd);
        _mm512_storeu_si512(out + j * out_row, _mm512_shuffle_i32x4(even01, even23, 0x88));
        _mm512_storeu_si512(out + (4 + j) * out_row, _mm512_shuffle_i32x4(odd01, odd23, 0x88));
        _mm512_storeu_si512(out + (8 + j) * out_row, _mm512_shuffle_i32x4(even01, even23, 0xdd));
        _mm512_storeu_si512(out + (12 + j) * out_row, _mm512_shuffle_i32x4(odd01, odd23, 0xdd));
    }
}

#else

inline void transpose_block(const uint32_t* in, int64_t in_row, uint32_t* out, int64_t out_row) {
    for (int64_t r = 0; r < kTransposed; ++r) {
        for (int64_t c = 0; c < kTransposed; ++c) {
            out[c * out_row + r] = in[r * in_row + c];
        }
    }
}

#endif

// Any number of rows and columns; in and out do not overlap. From a block's size on, the last block goes back to where a
// whole one fits and writes some values again.
inline void transpose(int64_t rows, int64_t columns, const uint32_t* in, int64_t in_row, uint32_t* out,
                      int64_t out_row) {
    if (rows < kTransposed || columns < kTransposed) {
        for (int64_t i = 0; i < rows; ++i) {
            for (int64_t j = 0; j < columns; ++j) {
                out[j * out_row + i] = in[i * in_row + j];
            }
        }
        return;
    }
    for (int64_t i = 0; i < rows; i += kTransposed) {
        const int64_t r = i + kTransposed <= rows ? i : rows - kTransposed;
        for (int64_t j = 0; j < columns; j += kTransposed) {
            const int64_t c = j + kTransposed <= columns ? j : columns - kTransposed;
            transpose_block(in + r * in_row + c, in_row, out + c * out_row + r, out_row);
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
