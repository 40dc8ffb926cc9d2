// The rate of float32 multiply-adds that this GPU can reach: 16 independent chains a thread, which cover their latency, and
// nothing else. A ceiling to measure against.
//
// out: one value a thread, so that no work may be left out. FLOPs: threads * iterations * 16 * 2.
//
// Launch: block 256; grid 8 * multiprocessors; no dynamic shared memory.
//
// Roofline. FLOPs limit, by design: 67 TFLOP/s on an H100, 82.6 on an RTX 4090; aim 95 %.
#include "prelude.cuh"

KERNEL(256) fma_peak(int iterations, float* out) {
    constexpr int kChains = 16;
    float chains[kChains];
#pragma unroll
    for (int c = 0; c < kChains; ++c) {
        chains[c] = static_cast<float>(c) + static_cast<float>(threadIdx.x);
    }
#pragma unroll 4
    for (int i = 0; i < iterations; ++i) {
#pragma unroll
        for (int c = 0; c < kChains; ++c) {
            chains[c] = fmaf(chains[c], 0.999f, 0.001f);
        }
    }
    float total = 0.0f;
#pragma unroll
    for (int c = 0; c < kChains; ++c) {
        total += chains[c];
    }
    out[static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x] = total;
}
KERNEL_EXPORT(fma_peak)
