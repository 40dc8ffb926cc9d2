// dx = (dy W) * activation'(before), before the output of the activation that fed this layer, or null with the identity.
//
// dy n x out, W out x in, before and dx n x in, row-major float32, at any 4-byte aligned address; n, in, out >= 1. dx
// overwrites and overlaps nothing. Precisions and bits as in dense_forward.cu: float32 has the bits of the CPU device.
//
// Launch: block 128; grid (ceil(n / R), ceil(in / C)), R x C = 32 x 16 for in <= 16, 32 x 32 for in <= 256, else 64 x 64; no
// dynamic shared memory (static: 30,720 bytes, bf16 36,864).
//
// Roofline. FLOPs 2 n in out. Least bytes 4 (n out + in out + (1 or 2) n in); as written, from L2: 4 out (n ceil(in / C) +
// in ceil(n / R)) + 4 or 8 n in. At n = 4096, 1024 -> 784: 6.6 GFLOP, least 33 MB without `before`: as dense_forward.cu
// (float32 98 us on an H100, 80 us on a 4090, aim 70 %). At n = 4096, 128 -> 10 with relu: 10 MFLOP, 4.4 MB: bytes limit,
// 1.3 us on an H100, 4.3 us on a 4090, of which a launch is the larger part; aim 50 %.
#include "prelude.cuh"

namespace {

template <Precision precision>
DEVICE void input_gradient(int n, int in, int out, const float* dy, const float* w, const float* before, int activation,
                           float slope, float* dx, float* shared) {
    const bool wide = is_wide(dx, in) && is_wide(before, in);
    product<precision, Layout::kDepthInner, Layout::kDepthOuter>(
            in, Operand{dy, n, out}, Operand{w, in, in}, out, shared, [](const float*, auto) {},
            [&](int row, int column, bool inside, float4 sums) {
                if (!inside) return;
                const int count = in - column;
                const size_t at = static_cast<size_t>(row) * static_cast<size_t>(in) + static_cast<size_t>(column);
                Four v = {{sums.x, sums.y, sums.z, sums.w}};
                if (activation != kIdentity) {
                    const Four y = load_four(before + at, count, wide);
#pragma unroll
                    for (int i = 0; i < 4; ++i) {
                        v.v[i] = activation_derivative(activation, slope, y.v[i], v.v[i]);
                    }
                }
                store_four(dx + at, count, wide, v);
            });
}

}  // namespace

#define DENSE_INPUT_GRADIENT(name, precision)                                                                 \
    KERNEL(GEMM_BLOCK) name(int n, int in, int out, const float* dy, const float* w, const float* before,   \
                              int activation, float slope, float* dx) {                                       \
        alignas(16) __shared__ float shared[kGemmShared<precision>];                                        \
        input_gradient<precision>(n, in, out, dy, w, before, activation, slope, dx, shared);                  \
    }                                                                                                         \
    KERNEL_EXPORT(name)

DENSE_INPUT_GRADIENT(dense_input_gradient, Precision::kFloat32)
DENSE_INPUT_GRADIENT(dense_input_gradient_tf32, Precision::kTf32)
DENSE_INPUT_GRADIENT(dense_input_gradient_bf16, Precision::kBf16)
