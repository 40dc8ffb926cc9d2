// Back-propagation through time, from the gradients of the states to those of the gates.
//
// gates, states and memory as recurrent_forward left them; U (u) G x hidden; dstates n x steps x hidden (all) or n x hidden,
// the last step's; dgates n x steps x G, overwritten: with respect to W x + b; dhidden the same with respect to U h + c (GRU;
// else null); carry n x 2 x hidden, scratch; float32 at any 4-byte aligned address; n, steps, hidden >= 1. Products are one
// fmaf chain over the gates an element, in float32. Bits repeat whatever n is, and are those of the CPU device.
//
// One launch does all steps: a block owns 8 examples, as in recurrent_forward.cu; a thread has 4 examples x 1 state of the
// product, and U is read as stored.
//
// Launch: block 256; grid ceil(n / 8); no dynamic shared memory.
//
// Roofline. As recurrent_forward.cu; with fewer columns than gates each thread's chain is G long and a read of U serves four
// fmaf: the load units limit, at about half of float32's peak: LSTM, hidden 128, n = 1024, 28 steps: about 200 us on an H100.
#include "prelude.cuh"

KERNEL(256) recurrent_backward(int n, int cell, int steps, int hidden, const float* gates, const float* u,
                               const float* states, const float* memory, const float* dstates, int all, float* dgates,
                               float* dhidden, float* carry) {
    const int gate_size = gates_of(cell) * hidden;
    const int thread = static_cast<int>(threadIdx.x);
    const int first = static_cast<int>(blockIdx.x) * kExamples;
    const int examples = n - first < kExamples ? n - first : kExamples;
    const float* of_hidden = cell == kGru ? dhidden : dgates;
    const bool wide = is_wide(of_hidden, gate_size);
    const size_t wide_hidden = static_cast<size_t>(hidden);
    const size_t wide_gates = static_cast<size_t>(gate_size);
    for (int t = steps - 1; t >= 0; --t) {
        const auto place = [&](int example) {
            return static_cast<size_t>(first + example) * static_cast<size_t>(steps) + static_cast<size_t>(t);
        };
        const auto carried = [&](int example) {
            return carry + 2 * static_cast<size_t>(first + example) * wide_hidden;
        };
        for (int item = thread; item < 2 * hidden; item += 256) {
            const int column = item % hidden;
            const int example = 4 * (item / hidden);
            if (example >= examples) {
                continue;
            }
            float sums[4][1] = {};
            if (t < steps - 1) {
                const float* rows[4];
#pragma unroll
                for (int r = 0; r < 4; ++r) {
                    const int own = example + r < examples ? example + r : example;
                    rows[r] = of_hidden + (place(own) + 1) * wide_gates;
                }
                tile_chain<1>(rows, wide, gate_size, u + column, wide_hidden, sums);
            }
#pragma unroll
            for (int r = 0; r < 4; ++r) {
                if (example + r < examples) {
                    float* own = carried(example + r) + column;
                    own[0] = cell == kGru && t < steps - 1 ? sums[r][0] + own[wide_hidden] : sums[r][0];
                }
            }
        }
        __syncthreads();
        for (int item = thread; item < examples * hidden; item += 256) {
            const int j = item % hidden;
            const int example = item / hidden;
            const size_t at = place(example) * wide_hidden + static_cast<size_t>(j);
            const float* gate = gates + place(example) * wide_gates + j;
            float* to = dgates + place(example) * wide_gates + j;
            float* own = carried(example) + j;
            const float given = all != 0          ? dstates[at]
                                : t == steps - 1 ? dstates[static_cast<size_t>(first + example) * wide_hidden
                                                           + static_cast<size_t>(j)]
                                                 : 0.0f;
            const float dh = given + own[0];
            if (cell == kLstm) {
                const float i = gate[0], f = gate[wide_hidden], g = gate[2 * wide_hidden], o = gate[3 * wide_hidden];
                const float tanh_c = tanh_of(memory[at]);
                const float later = t < steps - 1 ? own[wide_hidden] : 0.0f;
                const float through = fmaf(dh * o, 1.0f - tanh_c * tanh_c, later);
                to[0] = through * g * (i * (1.0f - i));
                to[wide_hidden] = through * (t == 0 ? 0.0f : memory[at - wide_hidden]) * (f * (1.0f - f));
                to[2 * wide_hidden] = through * i * (1.0f - g * g);
                to[3 * wide_hidden] = dh * tanh_c * (o * (1.0f - o));
                own[wide_hidden] = through * f;
            } else if (cell == kGru) {
                const float r = gate[0], z = gate[wide_hidden], candidate = gate[2 * wide_hidden];
                float* hidden_to = dhidden + place(example) * wide_gates + j;
                const float inner = dh * (1.0f - z) * (1.0f - candidate * candidate);
                const float reset = inner * memory[at] * (r * (1.0f - r));
                const float update =
                        dh * ((t == 0 ? 0.0f : states[at - wide_hidden]) - candidate) * (z * (1.0f - z));
                to[0] = reset;
                to[wide_hidden] = update;
                to[2 * wide_hidden] = inner;
                hidden_to[0] = reset;
                hidden_to[wide_hidden] = update;
                hidden_to[2 * wide_hidden] = inner * r;
                own[wide_hidden] = dh * z;
            } else {
                to[0] = activation_derivative(cell == kRnnRelu ? kRelu : kTanh, 0.0f, gate[0], dh);
            }
        }
        __syncthreads();
    }
}
KERNEL_EXPORT(recurrent_backward)
