// A recurrent layer over all steps. A thread takes a tile of examples through all of them, so that U, packed, streams from the
// second-level cache once a step and tile, and states stay near; in each step first the hidden product of all gates, then the
// cells, row by row.
#include "activation.h"
#include "gemm.h"

namespace sp::SP_LEVEL_NAMESPACE {

namespace {

// One example at one step; at the first, the state before is zero.
struct Cell {
    float* gates;
    float* state;
    float* memory;
    int64_t hidden;

    float* gate(int k) const { return gates + k * hidden; }
};

template <bool kFirst>
void lstm(const Cell& cell) {
    const int64_t hidden = cell.hidden;
    float* __restrict i = cell.gate(0);
    float* __restrict f = cell.gate(1);
    float* __restrict g = cell.gate(2);
    float* __restrict o = cell.gate(3);
    float* __restrict c = cell.memory;
    const float* __restrict before = c - hidden;
    float* __restrict h = cell.state;
#pragma GCC ivdep
    for (int64_t j = 0; j < hidden; ++j) {
        i[j] = sigmoid_of(i[j]);
        f[j] = sigmoid_of(f[j]);
        g[j] = tanh_of(g[j]);
        o[j] = sigmoid_of(o[j]);
        c[j] = multiply_add(f[j], kFirst ? 0.0f : before[j], i[j] * g[j]);
        h[j] = o[j] * tanh_of(c[j]);
    }
}

template <bool kFirst>
void gru(const Cell& cell) {
    const int64_t hidden = cell.hidden;
    float* __restrict r = cell.gate(0);
    float* __restrict z = cell.gate(1);
    float* __restrict n = cell.gate(2);
    const float* __restrict product = cell.memory;
    const float* __restrict before = cell.state - hidden;
    float* __restrict h = cell.state;
#pragma GCC ivdep
    for (int64_t j = 0; j < hidden; ++j) {
        r[j] = sigmoid_of(r[j]);
        z[j] = sigmoid_of(z[j]);
        n[j] = tanh_of(multiply_add(r[j], product[j], n[j]));
        h[j] = multiply_add(z[j], (kFirst ? 0.0f : before[j]) - n[j], n[j]);
    }
}

}  // namespace

void recurrent_forward(const RecurrentForward& a, int64_t begin, int64_t end) {
    const int64_t gate_size = gates_of(a.cell) * a.hidden;
    const int64_t plain = a.cell == SP_GRU ? 2 * a.hidden : gate_size;  // gates whose hidden product is a summand
    for (int64_t first = begin; first < end; first += kRowBlock) {
        const int64_t tile = std::min(kRowBlock, end - first);
        for (int64_t t = 0; t < a.steps; ++t) {
            const auto at = [&](int64_t row) { return (first + row) * a.steps + t; };
            const auto epilogue = [&](int64_t row, int64_t column, int count, const float* sum) {
                const float* c = a.c + column;
                float* gates = a.gates + at(row) * gate_size + column;
                const int64_t summands = std::clamp<int64_t>(plain - column, 0, count);
                for (int64_t j = 0; j < summands; ++j) {
                    gates[j] = gates[j] + (sum[j] + c[j]);
                }
                if (summands < count) {
                    float* memory = a.memory + at(row) * a.hidden + (column - plain);
                    for (int64_t j = summands; j < count; ++j) {
                        memory[j] = sum[j] + c[j];
                    }
                }
            };
            if (t == 0) {
                const float zeros[kTile] = {};
                for (int64_t row = 0; row < tile; ++row) {
                    for (int64_t column = 0; column < gate_size; column += kTile) {
                        epilogue(row, column, static_cast<int>(std::min<int64_t>(kTile, gate_size - column)), zeros);
                    }
                }
            } else {
                const Operands o{a.hidden, a.states + (at(0) - 1) * a.hidden, a.steps * a.hidden, 1, a.prepared, kPanel};
                panel_product(o, kPanel * a.hidden, 1, 0, tile, 0, (gate_size + kPanel - 1) / kPanel, gate_size,
                              epilogue);
            }
            for (int64_t row = 0; row < tile; ++row) {
                float* state = a.states + at(row) * a.hidden;
                float* memory = a.memory == nullptr ? nullptr : a.memory + at(row) * a.hidden;
                const Cell cell{a.gates + at(row) * gate_size, state, memory, a.hidden};
                switch (a.cell) {
                    case SP_LSTM: t == 0 ? lstm<true>(cell) : lstm<false>(cell); break;
                    case SP_GRU: t == 0 ? gru<true>(cell) : gru<false>(cell); break;
                    default:
                        activate(a.cell == SP_RNN_RELU ? SP_RELU : SP_TANH, 0.0f, a.hidden, cell.gates, nullptr,
                                 cell.gates);
                        std::memcpy(state, cell.gates, sizeof(float) * static_cast<size_t>(a.hidden));
                }
            }
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
