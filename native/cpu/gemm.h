// The matrix product under all dense operations: C[r][c] = sum over k of A[r][k] * B[k][c], then an epilogue.
//
// Each element of C is one chain of multiply-adds over k = 0, 1, ..., whatever tile it falls into: so its bits depend
// neither on the number of rows nor on how rows and columns are shared among threads.
//
// Tiles of kRows x 2 vectors live in registers: 16 independent chains cover the latency of two fused multiply-add ports.
// A is read by broadcast (any strides), B by contiguous vectors (row stride b_k), so that a packed panel, a weight matrix
// as stored, and a batch of inputs all serve as B without a copy. With bfloat16 operands k goes by pairs: each lane adds
// two products a step, in float32.
#pragma once

#include <algorithm>

#include "level.h"
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

constexpr int kRows = 8;
constexpr int kTile = 2 * kWidth;       // columns of a register tile
constexpr int64_t kRowBlock = 64;       // rows that share a panel while it is in the first-level cache
constexpr int64_t kDepthBlock = 256;    // steps of k for which a panel's share fits into that cache

struct Operands {
    int64_t depth;          // the extent of k
    const float* a;         // A[r][k] at a[r * a_row + k * a_k]
    int64_t a_row, a_k;
    const float* b;         // B[k][c] at b[k * b_k + c], c counted from the operand's own first column
    int64_t b_k;
};

// The same with both operands rounded to bfloat16: A's pairs along k lie together, B is packed by bf16.h in panels of
// kPanel columns, padded to whole pairs and panels.
struct PairOperands {
    int64_t depth;  // pairs
    const uint16_t* a;
    int64_t a_row, a_k;  // row r's pair k at a + r * a_row + k * a_k
    const uint16_t* b;
    int64_t b_k;  // column c's pair k at b + k * b_k + 2 * c
};

// One register tile's share of some steps of k: sums[Rows][kTile] are added to, or begun where `begins`. Partial: only the
// first `last` lanes of the last vector may be read from B. Out of line: one allocation of registers wherever it is called.
template <int Rows, int Vectors, bool Partial>
__attribute__((noinline)) void tile(const Operands& o, bool begins, int last, float (*sums)[kTile]) {
    Vec sum[Rows][Vectors];
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 16
        for (int v = 0; v < Vectors; ++v) {
            sum[r][v] = begins ? zero() : load(sums[r] + v * kWidth);
        }
    }
    const float* a = o.a;
    const float* b = o.b;
    for (int64_t k = 0; k < o.depth; ++k, a += o.a_k, b += o.b_k) {
        Vec column[Vectors];
#pragma GCC unroll 16
        for (int v = 0; v < Vectors; ++v) {
            column[v] = Partial && v == Vectors - 1 ? load_first(b + v * kWidth, last) : load(b + v * kWidth);
        }
#pragma GCC unroll 16
        for (int r = 0; r < Rows; ++r) {
            const Vec value = broadcast(a[r * o.a_row]);
#pragma GCC unroll 16
            for (int v = 0; v < Vectors; ++v) {
                sum[r][v] = multiply_add(value, column[v], sum[r][v]);
            }
        }
    }
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 16
        for (int v = 0; v < Vectors; ++v) {
            store(sums[r] + v * kWidth, sum[r][v]);
        }
    }
}

template <int Rows, int Vectors>
__attribute__((noinline)) void tile(const PairOperands& o, bool begins, float (*sums)[kTile]) {
    Vec sum[Rows][Vectors];
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 16
        for (int v = 0; v < Vectors; ++v) {
            sum[r][v] = begins ? zero() : load(sums[r] + v * kWidth);
        }
    }
    const uint16_t* a = o.a;
    const uint16_t* b = o.b;
    for (int64_t k = 0; k < o.depth; ++k, a += o.a_k, b += o.b_k) {
        Pairs column[Vectors];
#pragma GCC unroll 16
        for (int v = 0; v < Vectors; ++v) {
            column[v] = load_pairs(b + 2 * v * kWidth);
        }
#pragma GCC unroll 16
        for (int r = 0; r < Rows; ++r) {
            uint32_t pair;
            std::memcpy(&pair, a + r * o.a_row, sizeof pair);
#pragma GCC unroll 16
            for (int v = 0; v < Vectors; ++v) {
                sum[r][v] = multiply_add_pairs(pair, column[v], sum[r][v]);
            }
        }
    }
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 16
        for (int v = 0; v < Vectors; ++v) {
            store(sums[r] + v * kWidth, sum[r][v]);
        }
    }
}

template <int Rows>
inline void tile_columns(const PairOperands& o, int columns, bool begins, float (*sums)[kTile]) {
    if (columns > kWidth) {
        tile<Rows, 2>(o, begins, sums);
    } else {
        tile<Rows, 1>(o, begins, sums);
    }
}

template <int Rows>
inline void tile_columns(const Operands& o, int columns, bool begins, float (*sums)[kTile]) {
    if (columns == kTile) {
        tile<Rows, 2, false>(o, begins, 0, sums);
    } else if (columns > kWidth) {
        tile<Rows, 2, true>(o, begins, columns - kWidth, sums);
    } else if (columns == kWidth) {
        tile<Rows, 1, false>(o, begins, 0, sums);
    } else {
        tile<Rows, 1, true>(o, begins, columns, sums);
    }
}

// Hands finished sums to the epilogue, a vector at a time: epilogue(row, column, lanes, values), where lanes is AllLanes or,
// for the last vector of a ragged row, an int below kWidth; values has kWidth floats. Epilogues are passed by value and
// capture by value what they read for every vector: a store of a vector may change whatever has an address.
template <class Epilogue>
inline void finish(int64_t row, int rows, int64_t column, int columns, float (*sums)[kTile], Epilogue epilogue) {
    if (columns == kTile) {
        for (int r = 0; r < rows; ++r) {
            epilogue(row + r, column, AllLanes{}, sums[r]);
            epilogue(row + r, column + kWidth, AllLanes{}, sums[r] + kWidth);
        }
        return;
    }
    for (int r = 0; r < rows; ++r) {
        each_vector(columns, [=](int64_t c, auto lanes) { epilogue(row + r, column + c, lanes, sums[r] + c); });
    }
}

// Rows [row, row_end) of one column tile, at most kRowBlock.
template <class AnyOperands, class Epilogue>
void column_tile(const AnyOperands& o, int64_t row, int64_t row_end, int64_t column, int columns,
                 Epilogue epilogue) {
    alignas(64) float sums[kRowBlock][kTile];
    const int64_t blocks = std::max<int64_t>(1, (o.depth + kDepthBlock - 1) / kDepthBlock);
    const int64_t depth = (o.depth + blocks - 1) / blocks;
    for (int64_t block = 0; block < blocks; ++block) {
        AnyOperands part = o;
        part.depth = std::min(depth, o.depth - block * depth);
        part.a += block * depth * o.a_k;
        part.b += block * depth * o.b_k;
        for (int64_t r = 0; r < row_end - row;) {
            const int64_t left = row_end - row - r;
            const int rows = left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
            switch (rows) {
                case 8: tile_columns<8>(part, columns, block == 0, sums + r); break;
                case 4: tile_columns<4>(part, columns, block == 0, sums + r); break;
                case 2: tile_columns<2>(part, columns, block == 0, sums + r); break;
                default: tile_columns<1>(part, columns, block == 0, sums + r); break;
            }
            if (block == blocks - 1) {
                finish(row + r, rows, column, columns, sums + r, epilogue);
            }
            part.a += rows * o.a_row;
            r += rows;
        }
    }
}

// The product's rows [row, row_end) and columns [column, column_end): o.a and o.b point at row 0 and column 0, and
// columns start at multiples of kTile.
template <class Epilogue>
void product(const Operands& o, int64_t row, int64_t row_end, int64_t column, int64_t column_end,
             Epilogue epilogue) {
    for (int64_t r = row; r < row_end; r += kRowBlock) {
        const int64_t block_end = std::min(row_end, r + kRowBlock);
        for (int64_t c = column; c < column_end; c += kTile) {
            Operands part = o;
            part.a += r * o.a_row;
            part.b += c;
            column_tile(part, r, block_end, c, static_cast<int>(std::min<int64_t>(kTile, column_end - c)), epilogue);
        }
    }
}

// The same for a B of packed panels, b_panel elements apart with columns b_column apart: the columns of panels
// [panel, panel_end), of the `columns` there are in all.
template <class AnyOperands, class Epilogue>
void panel_product(const AnyOperands& o, int64_t b_panel, int64_t b_column, int64_t row, int64_t row_end, int64_t panel,
                   int64_t panel_end, int64_t columns, Epilogue epilogue) {
    for (int64_t r = row; r < row_end; r += kRowBlock) {
        const int64_t block_end = std::min(row_end, r + kRowBlock);
        for (int64_t p = panel; p < panel_end; ++p) {
            const int64_t here = std::min(kPanel, columns - p * kPanel);
            for (int64_t c = 0; c < here; c += kTile) {
                AnyOperands part = o;
                part.a += r * o.a_row;
                part.b += p * b_panel + c * b_column;
                column_tile(part, r, block_end, p * kPanel + c, static_cast<int>(std::min<int64_t>(kTile, here - c)),
                            epilogue);
            }
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
