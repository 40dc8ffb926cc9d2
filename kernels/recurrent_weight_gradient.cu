// du = sum over examples and steps of dhidden_t^T h_{t-1}, dc = sum of dhidden.
//
// states n x steps x hidden, dhidden n x steps x G (gate_size), du G x hidden, dc of G, float32 at any 4-byte aligned address;
// n, steps, hidden >= 1. du: one fmaf chain over the examples of a chunk of 32 and their steps an element, then the chunks in
// order; dc: plain sums in the same order. Bits repeat, and are those of the CPU device.
//
// A block owns 32 x 32 of du. Rows of 32 steps at a time go through registers to shared memory, the next while these are
// multiplied; the state before an example's first step is zero.
//
// Launch: block 128; grid (ceil(G / 32), ceil(hidden / 32)); no dynamic shared memory (static: 9,216 bytes).
//
// Roofline. FLOPs 2 n steps G hidden; as written, from L2: 8 n steps G hidden / 32 bytes. LSTM, hidden 128, n = 1024, 28 steps:
// 3.8 GFLOP, 64 blocks, fewer than multiprocessors, each with a chain of 28,672 fmaf an element: the order of summation limits,
// about 200 us on either; sharing the examples among blocks would need memory for each block's part.
#include "prelude.cuh"

KERNEL(128) recurrent_weight_gradient(int n, int steps, int hidden, int gate_size, const float* states,
                                      const float* dhidden, float* du, float* dc) {
    constexpr int kDepth = 32;
    constexpr int kEach = 8;  // of a thread, of each operand
    alignas(16) __shared__ float left[kDepth][36];
    alignas(16) __shared__ float right[kDepth][36];
    const int thread = static_cast<int>(threadIdx.x);
    const int lane = thread % 32;
    const int warp = thread / 32;
    const int gate = static_cast<int>(blockIdx.x) * 32;
    const int column = static_cast<int>(blockIdx.y) * 32;
    const bool gate_inside = gate + lane < gate_size;
    const bool column_inside = column + lane < hidden;
    const int row = thread / 16 * 4;    // of the thread's 4 x 2
    const int across = thread % 16 * 2;
    float totals[4][2] = {};
    float bias_total = 0.0f;
    for (int first = 0; first < n; first += kChunk) {
        const long long begin = static_cast<long long>(first) * steps;
        const long long end = static_cast<long long>(n - first < kChunk ? n : first + kChunk) * steps;
        float sums[4][2] = {};
        float bias = 0.0f;
        float next_left[kEach];
        float next_right[kEach];
        const auto fetch = [&](long long at) {
#pragma unroll
            for (int i = 0; i < kEach; ++i) {
                const long long k = at + warp + 4 * i;
                const bool inside = k < end;
                next_left[i] = inside && gate_inside ? dhidden[k * gate_size + gate + lane] : 0.0f;
                next_right[i] = inside && column_inside && k % steps != 0 ? states[(k - 1) * hidden + column + lane] : 0.0f;
            }
        };
        fetch(begin);
        for (long long at = begin; at < end; at += kDepth) {
            __syncthreads();  // all have read what is there
#pragma unroll
            for (int i = 0; i < kEach; ++i) {
                left[warp + 4 * i][lane] = next_left[i];
                right[warp + 4 * i][lane] = next_right[i];
            }
            __syncthreads();
            fetch(at + kDepth);
            const int depth = end - at < kDepth ? static_cast<int>(end - at) : kDepth;
#pragma unroll 8
            for (int k = 0; k < depth; ++k) {
                const float4 a = *reinterpret_cast<const float4*>(&left[k][row]);
                const float2 b = *reinterpret_cast<const float2*>(&right[k][across]);
                const float of_gates[4] = {a.x, a.y, a.z, a.w};
#pragma unroll
                for (int r = 0; r < 4; ++r) {
                    sums[r][0] = fmaf(of_gates[r], b.x, sums[r][0]);
                    sums[r][1] = fmaf(of_gates[r], b.y, sums[r][1]);
                }
            }
            if (blockIdx.y == 0 && warp == 0) {
                for (int k = 0; k < depth; ++k) {
                    bias += left[k][lane];
                }
            }
        }
#pragma unroll
        for (int r = 0; r < 4; ++r) {
            totals[r][0] = first == 0 ? sums[r][0] : totals[r][0] + sums[r][0];
            totals[r][1] = first == 0 ? sums[r][1] : totals[r][1] + sums[r][1];
        }
        bias_total += bias;
    }
#pragma unroll
    for (int r = 0; r < 4; ++r) {
#pragma unroll
        for (int j = 0; j < 2; ++j) {
            if (gate + row + r < gate_size && column + across + j < hidden) {
                du[static_cast<size_t>(gate + row + r) * static_cast<size_t>(hidden)
                   + static_cast<size_t>(column + across + j)] = totals[r][j];
            }
        }
    }
    if (blockIdx.y == 0 && warp == 0 && gate_inside) {
        dc[gate + lane] = bias_total;
    }
}
KERNEL_EXPORT(recurrent_weight_gradient)
