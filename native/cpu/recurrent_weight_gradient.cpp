// du = sum over examples and steps of dhidden_t^T h_{t-1}, dc = sum of dhidden. Each element has one owner, which takes a chunk
// of examples in index order, and their steps, as one chain of multiply-adds, then adds the chunks in order.
#include "gemm.h"

namespace sp::SP_LEVEL_NAMESPACE {

namespace {

// Rows x Vectors of the chain over `examples` of them, added to du (or stored, by the first chunk); a and b point at the first
// example's second step. Partial: only the last vector's first `last` lanes are there.
template <int Rows, int Vectors, bool Partial>
void chunk_tile(const RecurrentWeightGradient& a, int64_t examples, const float* dhidden, const float* states, int last,
                float (*out)[kTile]) {
    Vec sum[Rows][Vectors];
    for (int r = 0; r < Rows; ++r) {
        for (int v = 0; v < Vectors; ++v) {
            sum[r][v] = zero();
        }
    }
    for (int64_t i = 0; i < examples; ++i) {
        const float* left = dhidden + (i * a.steps + 1) * a.gate_size;
        const float* right = states + i * a.steps * a.hidden;
        for (int64_t t = 1; t < a.steps; ++t, left += a.gate_size, right += a.hidden) {
            Vec column[Vectors];
            for (int v = 0; v < Vectors; ++v) {
                column[v] = Partial && v == Vectors - 1 ? load_first(right + v * kWidth, last) : load(right + v * kWidth);
            }
            for (int r = 0; r < Rows; ++r) {
                const Vec value = broadcast(left[r]);
                for (int v = 0; v < Vectors; ++v) {
                    sum[r][v] = multiply_add(value, column[v], sum[r][v]);
                }
            }
        }
    }
    for (int r = 0; r < Rows; ++r) {
        for (int v = 0; v < Vectors; ++v) {
            store(out[r] + v * kWidth, sum[r][v]);
        }
    }
}

template <int Rows>
void chunk_rows(const RecurrentWeightGradient& a, int64_t examples, const float* dhidden, const float* states, int columns,
                float (*out)[kTile]) {
    if (columns == kTile) {
        chunk_tile<Rows, 2, false>(a, examples, dhidden, states, 0, out);
    } else if (columns > kWidth) {
        chunk_tile<Rows, 2, true>(a, examples, dhidden, states, columns - kWidth, out);
    } else if (columns == kWidth) {
        chunk_tile<Rows, 1, false>(a, examples, dhidden, states, 0, out);
    } else {
        chunk_tile<Rows, 1, true>(a, examples, dhidden, states, columns, out);
    }
}

void bias_gradient(const RecurrentWeightGradient& a) {
    alignas(64) float sums[kTile];
    for (int64_t column = 0; column < a.gate_size; column += kTile) {
        const int64_t count = std::min<int64_t>(kTile, a.gate_size - column);
        std::fill(a.dc + column, a.dc + column + count, 0.0f);
        for (int64_t first = 0; first < a.n; first += kChunk) {
            std::fill(sums, sums + count, 0.0f);
            for (int64_t k = first * a.steps; k < std::min(a.n, first + kChunk) * a.steps; ++k) {
                const float* row = a.dhidden + k * a.gate_size + column;
                for (int64_t j = 0; j < count; ++j) {
                    sums[j] += row[j];
                }
            }
            for (int64_t j = 0; j < count; ++j) {
                a.dc[column + j] += sums[j];
            }
        }
    }
}

}  // namespace

void recurrent_weight_gradient(const RecurrentWeightGradient& a, int64_t begin, int64_t end) {
    alignas(64) float out[kRows][kTile];
    const int64_t column_end = std::min(a.hidden, end * kPanel);
    for (int64_t first = 0; first < a.n || first == 0; first += kChunk) {
        const int64_t examples = std::min(kChunk, a.n - first);
        const float* dhidden = a.dhidden + first * a.steps * a.gate_size;
        const float* states = a.states + first * a.steps * a.hidden;
        for (int64_t column = begin * kPanel; column < column_end; column += kTile) {
            const int columns = static_cast<int>(std::min<int64_t>(kTile, column_end - column));
            for (int64_t row = 0; row < a.gate_size;) {
                const int64_t left = a.gate_size - row;
                const int rows = left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
                switch (rows) {
                    case 8: chunk_rows<8>(a, examples, dhidden + row, states + column, columns, out); break;
                    case 4: chunk_rows<4>(a, examples, dhidden + row, states + column, columns, out); break;
                    case 2: chunk_rows<2>(a, examples, dhidden + row, states + column, columns, out); break;
                    default: chunk_rows<1>(a, examples, dhidden + row, states + column, columns, out); break;
                }
                for (int r = 0; r < rows; ++r) {
                    float* du = a.du + (row + r) * a.hidden + column;
                    for (int j = 0; j < columns; ++j) {
                        du[j] = first == 0 ? out[r][j] : du[j] + out[r][j];
                    }
                }
                row += rows;
            }
        }
    }
    if (begin == 0) {
        bias_gradient(a);
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
