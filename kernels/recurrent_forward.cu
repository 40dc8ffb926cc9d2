// A recurrent layer over all steps, from the inputs' part of the gates (W x + b) to the states.
//
// gates n x steps x G (G = hidden * 1, 1, 4, 3), overwritten with their activated values; c of G; states n x steps x hidden,
// overwritten; memory the same (LSTM: c_t, GRU: (U h + c)_n; else null); float32 at any 4-byte aligned address; n, steps,
// hidden >= 1. transposed: U depth first, hidden x ceil4(G), by recurrent_transpose from U (G x hidden), aligned to 16 bytes.
// Products are one fmaf chain over k = 0.. an element, in float32. Bits repeat whatever n is, and are those of the CPU device.
//
// One launch does all steps: a block owns 8 examples and takes them through all of them, with two barriers a step; nothing
// passes between blocks. A thread has 4 examples x 4 gates of the product; the states of the step before are read where they
// were stored, through the first-level cache, as broadcasts.
//
// Launch: recurrent_transpose block 256, grid (ceil(hidden / 32), ceil(ceil4(G) / 32)); recurrent_forward block 256, grid
// ceil(n / 8); no dynamic shared memory (transpose static: 4,224 bytes).
//
// Roofline. FLOPs 2 n steps G hidden; U goes from L2 to each block once a step: 4 G hidden steps ceil(n / 8) bytes, 4 FLOP/byte
// of L2. LSTM, hidden 128, n = 1024, 28 steps: 3.8 GFLOP: float32 60 us on an H100, L2 (5.5 TB/s) 171 us; an H100's first-level
// cache holds most of U (256 KB), which the L2 figure does not count on; aim 200 us. At n = 256 32 blocks are fewer than
// multiprocessors: about 2.5 us a step, 70 us.
#include "prelude.cuh"

KERNEL(256) recurrent_transpose(int gate_size, int hidden, const float* u, float* transposed) {
    __shared__ float tile[32][33];
    const int padded = (gate_size + 3) / 4 * 4;
    const int x = static_cast<int>(threadIdx.x) % 32;
    const int y = static_cast<int>(threadIdx.x) / 32;
    const int first_k = static_cast<int>(blockIdx.x) * 32;
    const int first_gate = static_cast<int>(blockIdx.y) * 32;
    for (int r = y; r < 32; r += 8) {
        const int gate = first_gate + r;
        const bool inside = gate < gate_size && first_k + x < hidden;
        tile[r][x] = inside ? u[static_cast<size_t>(gate) * static_cast<size_t>(hidden) + static_cast<size_t>(first_k + x)]
                            : 0.0f;
    }
    __syncthreads();
    for (int r = y; r < 32; r += 8) {
        const int k = first_k + r;
        const int gate = first_gate + x;
        if (k < hidden && gate < padded) {
            transposed[static_cast<size_t>(k) * static_cast<size_t>(padded) + static_cast<size_t>(gate)] = tile[x][r];
        }
    }
}
KERNEL_EXPORT(recurrent_transpose)

KERNEL(256) recurrent_forward(int n, int cell, int steps, int hidden, float* gates, const float* transposed, const float* c,
                              float* states, float* memory) {
    const int gate_size = gates_of(cell) * hidden;
    const int plain = cell == kGru ? 2 * hidden : gate_size;  // gates whose hidden product is a summand
    const int quads = (gate_size + 3) / 4;
    const int thread = static_cast<int>(threadIdx.x);
    const int first = static_cast<int>(blockIdx.x) * kExamples;
    const int examples = n - first < kExamples ? n - first : kExamples;
    const bool wide = is_wide(states, hidden);
    const size_t wide_hidden = static_cast<size_t>(hidden);
    for (int t = 0; t < steps; ++t) {
        const auto place = [&](int example) {
            return static_cast<size_t>(first + example) * static_cast<size_t>(steps) + static_cast<size_t>(t);
        };
        for (int item = thread; item < 2 * quads; item += 256) {
            const int column = 4 * (item % quads);
            const int example = 4 * (item / quads);
            if (example >= examples) {
                continue;
            }
            float sums[4][4] = {};
            if (t > 0) {
                const float* rows[4];
#pragma unroll
                for (int r = 0; r < 4; ++r) {
                    const int own = example + r < examples ? example + r : example;
                    rows[r] = states + (place(own) - 1) * wide_hidden;
                }
                tile_chain<4>(rows, wide, hidden, transposed + column, 4 * static_cast<size_t>(quads), sums);
            }
#pragma unroll
            for (int r = 0; r < 4; ++r) {
                if (example + r < examples) {
                    float* own = gates + place(example + r) * static_cast<size_t>(gate_size);
#pragma unroll
                    for (int j = 0; j < 4; ++j) {
                        if (column + j < plain) {
                            own[column + j] = own[column + j] + (sums[r][j] + c[column + j]);
                        } else if (column + j < gate_size) {
                            memory[place(example + r) * wide_hidden + static_cast<size_t>(column + j - plain)] =
                                    sums[r][j] + c[column + j];
                        }
                    }
                }
            }
        }
        __syncthreads();
        for (int item = thread; item < examples * hidden; item += 256) {
            const int j = item % hidden;
            const size_t example = place(item / hidden);
            float* gate = gates + example * static_cast<size_t>(gate_size) + j;
            const size_t at = example * wide_hidden + static_cast<size_t>(j);
            if (cell == kLstm) {
                const float i = sigmoid_of(gate[0]);
                const float f = sigmoid_of(gate[wide_hidden]);
                const float g = tanh_of(gate[2 * wide_hidden]);
                const float o = sigmoid_of(gate[3 * wide_hidden]);
                const float kept = fmaf(f, t == 0 ? 0.0f : memory[at - wide_hidden], i * g);
                gate[0] = i;
                gate[wide_hidden] = f;
                gate[2 * wide_hidden] = g;
                gate[3 * wide_hidden] = o;
                memory[at] = kept;
                states[at] = o * tanh_of(kept);
            } else if (cell == kGru) {
                const float reset = sigmoid_of(gate[0]);
                const float update = sigmoid_of(gate[wide_hidden]);
                const float candidate = tanh_of(fmaf(reset, memory[at], gate[2 * wide_hidden]));
                gate[0] = reset;
                gate[wide_hidden] = update;
                gate[2 * wide_hidden] = candidate;
                states[at] = fmaf(update, (t == 0 ? 0.0f : states[at - wide_hidden]) - candidate, candidate);
            } else {
                const float state = activate(cell == kRnnRelu ? kRelu : kTanh, 0.0f, gate[0]);
                gate[0] = state;
                states[at] = state;
            }
        }
        __syncthreads();
    }
}
KERNEL_EXPORT(recurrent_forward)
