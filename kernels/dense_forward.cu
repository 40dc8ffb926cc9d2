// y = activation(x W^T + b), the products in float32, tf32 or bf16 (entry names), everything else in float32.
//
// x n x in, W out x in, b out, y n x out, row-major float32, at any 4-byte aligned address (16 is faster); n, in, out >= 1.
// y overwrites and overlaps nothing. Bits repeat whatever n is; float32: one fmaf chain over k = 0.. an element, the same
// bits as the CPU device.
//
// Launch: block 128; grid (ceil(n / R), ceil(out / C)), R x C = 32 x 16 for out <= 16, 32 x 32 for out <= 256, else 64 x 64;
// no dynamic shared memory (static: 30,720 bytes, bf16 36,864).
//
// Roofline. FLOPs 2 n in out. Least bytes 4 (n in + in out + n out); as written, from L2: 4 in (n ceil(out / C) + out
// ceil(n / R)) + 4 n out. At n = 4096, 784 -> 1024 (64 x 64): 6.6 GFLOP, least 33 MB (200 FLOP/byte), L2 traffic 411 MB.
//   float32: FLOPs limit: H100 98 us, RTX 4090 80 us; aim 70 % (one shared read of 16 bytes for 10.7 fmaf).
//   tf32, bf16: bytes limit: memory 10 us on an H100 (3.35 TB/s) and 33 us on a 4090; L2 (about 5.5 TB/s) 75 us on either;
//   aim: 1.5 times that, since every operand is read from shared memory as float32.
// At n = 256, 784 -> 128: 51 MFLOP, 1.3 MB, 32 blocks: latency limits (49 steps of 16 ks, about 8 us); no share is claimed.
#include "prelude.cuh"

namespace {

template <Precision precision>
DEVICE void forward(int n, int in, int out, const float* x, const float* w, const float* b, int activation, float slope,
                    float* y, float* shared) {
    const bool wide = is_wide(y, out);
    product<precision, Layout::kDepthInner, Layout::kDepthInner>(
            out, Operand{x, n, in}, Operand{w, out, in}, in, shared, [](const float*, auto) {},
            [&](int row, int column, bool inside, float4 sums) {
                if (!inside) return;
                const int count = out - column;
                const Four bias = load_four(b + column, count, false);
                Four v = {{sums.x, sums.y, sums.z, sums.w}};
#pragma unroll
                for (int i = 0; i < 4; ++i) {
                    v.v[i] = activate(activation, slope, v.v[i] + bias.v[i]);
                }
                const size_t at = static_cast<size_t>(row) * static_cast<size_t>(out) + static_cast<size_t>(column);
                store_four(y + at, count, wide, v);
            });
}

}  // namespace

#define DENSE_FORWARD(name, precision)                                                                             \
    KERNEL(GEMM_BLOCK) name(int n, int in, int out, const float* x, const float* w, const float* b, int activation, \
                              float slope, float* y) {                                                             \
        alignas(16) __shared__ float shared[kGemmShared<precision>];                                             \
        forward<precision>(n, in, out, x, w, b, activation, slope, y, shared);                                     \
    }                                                                                                              \
    KERNEL_EXPORT(name)

DENSE_FORWARD(dense_forward, Precision::kFloat32)
DENSE_FORWARD(dense_forward_tf32, Precision::kTf32)
DENSE_FORWARD(dense_forward_bf16, Precision::kBf16)
