// The three recurrent kernels, forward, backward and of the weights, against step-by-step loops with the same chains of
// multiply-adds: bits.
#include "launch.h"
#include "reference.h"
#include "test.h"

namespace {

using namespace reference;
using test::Array;

enum Cell { kTanhCell, kReluCell, kLstmCell, kGruCell };

struct Sizes {
    int n, cell, steps, hidden;

    int gate_size() const { return hidden * (cell == kLstmCell ? 4 : cell == kGruCell ? 3 : 1); }
    size_t cells() const { return size_t(n) * steps; }
    size_t states() const { return cells() * hidden; }
    size_t gates() const { return cells() * gate_size(); }
};

template <class Use>
void each_size(const Use& use) {
    for (int cell : {kTanhCell, kReluCell, kLstmCell, kGruCell}) {
        for (int hidden : {1, 3, 16, 33, 65}) {
            use(Sizes{1, cell, 3, hidden});
            use(Sizes{8, cell, 1, hidden});
            use(Sizes{19, cell, 2, hidden});
        }
        use(Sizes{67, cell, 9, 12});
    }
}

// sum over k of a[k] * b[k * step] as one chain.
float chain(int depth, const float* a, const float* b, size_t step) {
    float sum = 0;
    for (int k = 0; k < depth; k++) {
        sum = std::fmaf(a[k], b[k * step], sum);
    }
    return sum;
}

struct Pass {
    std::vector<float> gates, states, memory;
};

Pass forward(const Sizes& s, const std::vector<float>& x, const std::vector<float>& u, const std::vector<float>& c) {
    Pass p{x, std::vector<float>(s.states()), std::vector<float>(s.states())};
    const int h = s.hidden, g = s.gate_size();
    for (size_t cell = 0; cell < s.cells(); cell++) {
        const bool first = cell % s.steps == 0;
        std::vector<float> product(g);
        for (int k = 0; k < g; k++) {
            product[k] = (first ? 0.0f : chain(h, &u[size_t(k) * h], &p.states[(cell - 1) * h], 1)) + c[k];
        }
        for (int j = 0; j < h; j++) {
            float* gate = &p.gates[cell * g + j];
            const size_t at = cell * h + j;
            if (s.cell == kLstmCell) {
                for (int k = 0; k < 4; k++) {
                    gate[k * h] = activate(k == 2 ? 3 : 4, 0.0f, gate[k * h] + product[k * h + j]);
                }
                p.memory[at] = std::fmaf(gate[h], first ? 0.0f : p.memory[at - h], gate[0] * gate[2 * h]);
                p.states[at] = gate[3 * h] * cpu::tanh_of(p.memory[at]);
            } else if (s.cell == kGruCell) {
                gate[0] = cpu::sigmoid_of(gate[0] + product[j]);
                gate[h] = cpu::sigmoid_of(gate[h] + product[h + j]);
                p.memory[at] = product[2 * h + j];
                gate[2 * h] = cpu::tanh_of(std::fmaf(gate[0], p.memory[at], gate[2 * h]));
                p.states[at] = std::fmaf(gate[h], (first ? 0.0f : p.states[at - h]) - gate[2 * h], gate[2 * h]);
            } else {
                gate[0] = activate(s.cell == kReluCell ? 1 : 3, 0.0f, gate[0] + product[j]);
                p.states[at] = gate[0];
            }
        }
    }
    return p;
}

}  // namespace

TEST(recurrent_forward_bits) {
    test::Random random(11);
    each_size([&](const Sizes& s) {
        const int g = s.gate_size(), padded = (g + 3) / 4 * 4;
        Array<float> gates(random.floats(s.gates(), 2)), u(random.floats(size_t(g) * s.hidden)), c(random.floats(g));
        Array<float> transposed(size_t(s.hidden) * padded), states(s.states()), memory(s.states());
        const Pass want = forward(s, gates.values(), u.values(), c.values());
        test::launch("recurrent_transpose", {blocks(s.hidden, 32), blocks(padded, 32)}, {256}, 0, g, s.hidden, u, transposed);
        test::launch("recurrent_forward", {blocks(s.n, 8)}, {256}, 0, s.n, s.cell, s.steps, s.hidden, gates, transposed, c,
                     states, memory);
        EXPECT(same(gates.values(), want.gates));
        EXPECT(same(states.values(), want.states));
        EXPECT(s.cell < kLstmCell || same(memory.values(), want.memory));
    });
}

TEST(recurrent_backward_bits) {
    test::Random random(12);
    each_size([&](const Sizes& s) {
        const int h = s.hidden, g = s.gate_size();
        Array<float> u(random.floats(size_t(g) * h));
        const Pass p = forward(s, random.floats(s.gates(), 2), u.values(), random.floats(g));
        Array<float> gates(p.gates), states(p.states), memory(p.memory);
        for (int all : {0, 1}) {
            Array<float> dstates(random.floats(all ? s.states() : size_t(s.n) * h));
            Array<float> dgates(s.gates()), dhidden(s.gates()), carry(2 * size_t(s.n) * h);
            test::launch("recurrent_backward", {blocks(s.n, 8)}, {256}, 0, s.n, s.cell, s.steps, h, gates, u, states, memory,
                         dstates, all, dgates, dhidden, carry);
            std::vector<float> to_gates(s.gates()), to_hidden(s.gates()), to_states(s.states()), later(s.states());
            for (size_t cell = s.cells(); cell-- > 0;) {
                const bool first = cell % s.steps == 0, last = (cell + 1) % s.steps == 0;
                for (int j = 0; j < h; j++) {
                    const size_t at = cell * h + j;
                    const float* gate = &p.gates[cell * g + j];
                    float carried = last ? 0.0f : chain(g, &to_hidden[(cell + 1) * g], &u[j], h);
                    if (s.cell == kGruCell && !last) {
                        carried = carried + to_states[at + h] * p.gates[(cell + 1) * g + h + j];
                    }
                    const float given = all ? dstates[at] : last ? dstates[cell / s.steps * h + j] : 0.0f;
                    const float dh = to_states[at] = given + carried;
                    float* to = &to_gates[cell * g + j];
                    float* also = &to_hidden[cell * g + j];
                    if (s.cell == kLstmCell) {
                        const float i = gate[0], f = gate[h], candidate = gate[2 * h], o = gate[3 * h];
                        const float tanh_c = cpu::tanh_of(p.memory[at]);
                        const float through = std::fmaf(dh * o, 1 - tanh_c * tanh_c, last ? 0.0f : later[at]);
                        to[0] = through * candidate * (i * (1 - i));
                        to[h] = through * (first ? 0.0f : p.memory[at - h]) * (f * (1 - f));
                        to[2 * h] = through * i * (1 - candidate * candidate);
                        to[3 * h] = dh * tanh_c * (o * (1 - o));
                        if (!first) later[at - h] = through * f;
                    } else if (s.cell == kGruCell) {
                        const float r = gate[0], z = gate[h], candidate = gate[2 * h];
                        to[2 * h] = dh * (1 - z) * (1 - candidate * candidate);
                        to[0] = to[2 * h] * p.memory[at] * (r * (1 - r));
                        to[h] = dh * ((first ? 0.0f : p.states[at - h]) - candidate) * (z * (1 - z));
                        also[2 * h] = to[2 * h] * r;
                    } else {
                        to[0] = derivative_of(s.cell == kReluCell ? 1 : 3, 0.0f, gate[0], dh);
                    }
                    for (int k = 0; k < g / h; k++) {
                        if (s.cell != kGruCell || k < 2) also[k * h] = to[k * h];
                    }
                }
            }
            EXPECT(same(dgates.values(), to_gates));
            EXPECT(s.cell != kGruCell || same(dhidden.values(), to_hidden));
        }
    });
}

TEST(recurrent_weight_gradient_bits) {
    test::Random random(13);
    each_size([&](const Sizes& s) {
        const int h = s.hidden, g = s.gate_size();
        Array<float> states(random.floats(s.states())), dhidden(random.floats(s.gates()));
        Array<float> du(size_t(g) * h), dc(g);
        test::launch("recurrent_weight_gradient", {blocks(g, 32), blocks(h, 32)}, {128}, 0, s.n, s.steps, h, g, states,
                     dhidden, du, dc);
        for (int k = 0; k < g; k++) {
            std::vector<float> want(h);
            float bias = 0;
            for (int first = 0; first < s.n; first += 32) {
                std::vector<float> chunk(h);
                float of_chunk = 0;
                for (size_t cell = size_t(first) * s.steps; cell < size_t(std::min(s.n, first + 32)) * s.steps; cell++) {
                    of_chunk += dhidden[cell * g + k];
                    for (int j = 0; j < h && cell % s.steps != 0; j++) {
                        chunk[j] = std::fmaf(dhidden[cell * g + k], states[(cell - 1) * h + j], chunk[j]);
                    }
                }
                bias += of_chunk;
                for (int j = 0; j < h; j++) {
                    want[j] = first == 0 ? chunk[j] : want[j] + chunk[j];
                }
            }
            EXPECT(same(dc[k], bias));
            for (int j = 0; j < h; j++) {
                EXPECT(same(du[size_t(k) * h + j], want[j]));
            }
        }
    });
}
