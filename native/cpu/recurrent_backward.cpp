// Back-propagation through time: a thread takes a tile of examples from the last step to the first. In each step the hidden
// gradients of the step after go through U, then cell by cell to the gates.
#include "activation.h"
#include "gemm.h"

namespace sp::SP_LEVEL_NAMESPACE {

namespace {

// One example at one step; at the first, the state before is zero.
struct CellGradient {
    int64_t hidden;
    const float *gates, *state, *memory;
    float* dgates;
    float* dhidden;
    float* carry;  // with respect to the state; behind it, to and fro: LSTM: to the cell's state, GRU: what z passes on

    const float* gate(int k) const { return gates + k * hidden; }
};

template <bool kFirst>
void lstm(const CellGradient& cell) {
    const int64_t hidden = cell.hidden;
    const float* __restrict i = cell.gate(0);
    const float* __restrict f = cell.gate(1);
    const float* __restrict g = cell.gate(2);
    const float* __restrict o = cell.gate(3);
    const float* __restrict c = cell.memory;
    const float* __restrict before = c - hidden;
    const float* __restrict dh = cell.carry;
    float* __restrict dc = cell.carry + hidden;
    float* __restrict di = cell.dgates;
    float* __restrict df = di + hidden;
    float* __restrict dg = df + hidden;
    float* __restrict do_ = dg + hidden;
#pragma GCC ivdep
    for (int64_t j = 0; j < hidden; ++j) {
        const float tanh_c = tanh_of(c[j]);
        const float through = multiply_add(dh[j] * o[j], 1.0f - tanh_c * tanh_c, dc[j]);
        di[j] = through * g[j] * (i[j] * (1.0f - i[j]));
        df[j] = through * (kFirst ? 0.0f : before[j]) * (f[j] * (1.0f - f[j]));
        dg[j] = through * i[j] * (1.0f - g[j] * g[j]);
        do_[j] = dh[j] * tanh_c * (o[j] * (1.0f - o[j]));
        dc[j] = through * f[j];
    }
}

template <bool kFirst>
void gru(const CellGradient& cell) {
    const int64_t hidden = cell.hidden;
    const float* __restrict r = cell.gate(0);
    const float* __restrict z = cell.gate(1);
    const float* __restrict n = cell.gate(2);
    const float* __restrict product = cell.memory;
    const float* __restrict before = cell.state - hidden;
    const float* __restrict dh = cell.carry;
    float* __restrict passed = cell.carry + hidden;
    float* __restrict dr = cell.dgates;
    float* __restrict dz = dr + hidden;
    float* __restrict dn = dz + hidden;
    float* __restrict hidden_r = cell.dhidden;
    float* __restrict hidden_z = hidden_r + hidden;
    float* __restrict hidden_n = hidden_z + hidden;
#pragma GCC ivdep
    for (int64_t j = 0; j < hidden; ++j) {
        const float candidate = dh[j] * (1.0f - z[j]) * (1.0f - n[j] * n[j]);
        const float reset = candidate * product[j] * (r[j] * (1.0f - r[j]));
        const float update = dh[j] * ((kFirst ? 0.0f : before[j]) - n[j]) * (z[j] * (1.0f - z[j]));
        dr[j] = reset;
        dz[j] = update;
        dn[j] = candidate;
        hidden_r[j] = reset;
        hidden_z[j] = update;
        hidden_n[j] = candidate * r[j];
        passed[j] = dh[j] * z[j];
    }
}

}  // namespace

void recurrent_backward(const RecurrentBackward& a, int64_t begin, int64_t end) {
    const int64_t hidden = a.hidden;
    const int64_t gate_size = gates_of(a.cell) * hidden;
    float* of_hidden = a.cell == SP_GRU ? a.dhidden : a.dgates;
    for (int64_t first = begin; first < end; first += kRowBlock) {
        const int64_t tile = std::min(kRowBlock, end - first);
        float* carries = a.carry + first * 2 * hidden;
        std::fill(carries, carries + tile * 2 * hidden, 0.0f);
        for (int64_t t = a.steps - 1; t >= 0; --t) {
            const auto at = [&](int64_t row) { return (first + row) * a.steps + t; };
            if (t < a.steps - 1) {
                const Operands o{gate_size, of_hidden + (at(0) + 1) * gate_size, a.steps * gate_size, 1, a.u, hidden};
                product(o, 0, tile, 0, hidden, [&](int64_t row, int64_t column, int count, const float* sum) {
                    float* carry = carries + row * 2 * hidden + column;
                    const float* passed = carry + hidden;
                    for (int64_t j = 0; j < count; ++j) {
                        carry[j] = a.cell == SP_GRU ? sum[j] + passed[j] : sum[j];
                    }
                });
            }
            for (int64_t row = 0; row < tile; ++row) {
                const float* dstate = a.all                ? a.dstates + at(row) * hidden
                                      : t == a.steps - 1 ? a.dstates + (first + row) * hidden
                                                           : nullptr;
                float* carry = carries + row * 2 * hidden;
                for (int64_t j = 0; j < hidden; ++j) {
                    carry[j] = (dstate != nullptr ? dstate[j] : 0.0f) + carry[j];
                }
                const CellGradient cell{hidden,
                                        a.gates + at(row) * gate_size,
                                        a.states + at(row) * hidden,
                                        a.memory == nullptr ? nullptr : a.memory + at(row) * hidden,
                                        a.dgates + at(row) * gate_size,
                                        a.dhidden == nullptr ? nullptr : a.dhidden + at(row) * gate_size,
                                        carry};
                switch (a.cell) {
                    case SP_LSTM: t == 0 ? lstm<true>(cell) : lstm<false>(cell); break;
                    case SP_GRU: t == 0 ? gru<true>(cell) : gru<false>(cell); break;
                    default:
                        activation_derivative(a.cell == SP_RNN_RELU ? SP_RELU : SP_TANH, 0.0f, hidden, cell.gates,
                                              carry, cell.dgates);
                }
            }
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
