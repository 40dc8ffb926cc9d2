// dw = dy^T x and db = column sums of dy, both summed over the examples in index order; overwritten.
//
// x n x in, dy n x out, dw out x in, db out, row-major float32, at any 4-byte aligned address; n, in, out >= 1. Bits: the
// float32 products are one fmaf chain over examples 0.. an element, and db plain sums in that order in every precision, the
// same bits as the CPU device. tf32 and bf16 round x and dy alone.
//
// Launch: block 128; grid (ceil(out / T), ceil(in / T)), T = 32 for out <= 256, else 64; no dynamic shared memory (static:
// 30,720 bytes, bf16 36,864).
//
// Roofline. FLOPs 2 n in out. Least bytes 4 (n in + n out + in out); as written, from L2: 4 n (in ceil(out / T) + out
// ceil(in / T)) + 4 in out. At n = 4096, 784 -> 1024: 6.6 GFLOP, 208 blocks: float32 98 us on an H100, 80 us on a 4090, aim
// 60 % (the last wave is short). At n = 4096, 784 -> 128: 0.82 GFLOP, least 15 MB: 100 blocks, fewer than multiprocessors,
// each with a chain of 4096 fmaf an element: the order of summation limits, about 55 us in float32 on either; sharing the
// examples among blocks would change the bits with n. tf32 and bf16: 256 steps of 16 examples, about 30 us.
#include "prelude.cuh"

namespace {

template <Precision precision>
DEVICE void weight_gradient(int n, int in, int out, const float* x, const float* dy, float* dw, float* db,
                            float* shared) {
    const int width = out > 16 ? out : 32;  // never the narrow tile: here it is rows that are few
    const int rows = tile_rows(width);
    const int thread = static_cast<int>(threadIdx.x);
    const bool sums_dy = blockIdx.y == 0 && thread < rows;
    const bool wide = is_wide(dw, in);
    float bias = 0.0f;
    product<precision, Layout::kDepthOuter, Layout::kDepthOuter>(
            width, Operand{dy, out, out}, Operand{x, in, in}, n, shared,
            [&](const float* buffer, auto at) {
                if (sums_dy) {
#pragma unroll
                    for (int k = 0; k < kStep; ++k) {
                        bias += buffer[at(thread, k)];
                    }
                }
            },
            [&](int row, int column, bool inside, float4 sums) {
                if (!inside) return;
                const size_t at = static_cast<size_t>(row) * static_cast<size_t>(in) + static_cast<size_t>(column);
                store_four(dw + at, in - column, wide, {{sums.x, sums.y, sums.z, sums.w}});
            });
    const int row = static_cast<int>(blockIdx.x) * rows + thread;
    if (sums_dy && row < out) {
        db[row] = bias;
    }
}

}  // namespace

#define DENSE_WEIGHT_GRADIENT(name, precision)                                                                    \
    KERNEL(GEMM_BLOCK) name(int n, int in, int out, const float* x, const float* dy, float* dw, float* db) {    \
        alignas(16) __shared__ float shared[kGemmShared<precision>];                                            \
        weight_gradient<precision>(n, in, out, x, dy, dw, db, shared);                                            \
    }                                                                                                             \
    KERNEL_EXPORT(name)

DENSE_WEIGHT_GRADIENT(dense_weight_gradient, Precision::kFloat32)
DENSE_WEIGHT_GRADIENT(dense_weight_gradient_tf32, Precision::kTf32)
DENSE_WEIGHT_GRADIENT(dense_weight_gradient_bf16, Precision::kBf16)
