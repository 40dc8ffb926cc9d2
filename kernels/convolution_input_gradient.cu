// dx = (the convolution's gradient with respect to its input) * activation'(before), before the output of the activation that
// fed this layer, or null with the identity.
//
// dy n outputs, channels last; w filters x kernel rows x kernel columns x channels of a group; before and dx n inputs,
// channels last or first. float32 at any 4-byte aligned address; n and all sizes >= 1, n * height * width < 2^31. dx
// overwrites and overlaps nothing. Precisions and bits as in convolution_forward.cu: float32 is one fmaf chain an element over
// kernel rows, columns and filters, of those taps that meet the element.
//
// An input position is a row of the product, its patch the outputs that it took part in (prelude/convolution.cuh). Positions
// go by phases of the stride, so that with a stride of 2 a quarter of the taps is multiplied for each and no zeros are. Of up
// to 8 channels, B = 16 / channels neighbouring positions share a row (where the stride is a multiple of the dilation, else B
// = 1), with zeros where a position does not meet a tap of its neighbours; a value of dy that is not finite then makes NaN of
// up to B - 1 positions beyond the kernel's reach.
//
// Launch: block 128; grid stride_y * stride_x * up(n * up(height, stride_y) * up(up(width, stride_x), B), R) * groups *
// up(K, C), K = B * channels of a group; R x C = 32 x 16 for K <= 16, 64 x 32 for K <= 32, else 64 x 64; no dynamic shared
// memory (static: 31,744 bytes, bf16 37,888).
//
// Roofline. FLOPs as forward: 2 n P K filters, P positions of the output; as written, filters and columns are rounded up to
// 16. Least bytes 4 (n P filters + K filters + (1 or 2) n input). At n = 256, 32 <- 64 channels, 5x5 at 14x14: 5.1 GFLOP, as
// forward: float32 77 us on an H100, aim 60 %. At n = 256, 1 <- 32, 5x5 at 28x28: 0.32 GFLOP, 27 MB: the bytes would take 8 us
// on an H100; a position's row of 16 alone would be 5.1 GFLOP of work, 16 positions a row are 20 tap columns instead of 5:
// 1.5 GFLOP (4 of 32 positions lie outside), 22 us, in 448 blocks of 200 steps, whose latency (about 60 us) limits.
#include "prelude.cuh"

namespace {

template <Precision precision>
DEVICE void input_gradient(int n, const ConvolutionShape& s, const float* dy, const float* w, const float* before,
                           int activation, float slope, float* dx, float* shared, PatchRow* rows) {
    input_gradient_product<precision>(
            n, s, dy, w, shared, rows, [&](int, int, size_t at, int count, int stride, Four v) {
                if (activation != kIdentity) {
                    const Four y = load_run(before + at, count, stride);
#pragma unroll
                    for (int i = 0; i < 4; ++i) {
                        v.v[i] = activation_derivative(activation, slope, y.v[i], v.v[i]);
                    }
                }
                store_run(dx + at, count, stride, v);
            });
}

}  // namespace

#define CONVOLUTION_INPUT_GRADIENT(name, precision)                                                                     \
    KERNEL(GEMM_BLOCK) name(int n, CONVOLUTION_PARAMETERS, const float* dy, const float* w, const float* before,        \
                            int activation, float slope, float* dx) {                                                   \
        alignas(16) __shared__ float shared[kGemmShared<precision>];                                                    \
        __shared__ PatchRow rows[kMostRows];                                                                            \
        input_gradient<precision>(n, CONVOLUTION_ARGUMENTS, dy, w, before, activation, slope, dx, shared, rows);        \
    }                                                                                                                   \
    KERNEL_EXPORT(name)

CONVOLUTION_INPUT_GRADIENT(convolution_input_gradient, Precision::kFloat32)
CONVOLUTION_INPUT_GRADIENT(convolution_input_gradient_tf32, Precision::kTf32)
CONVOLUTION_INPUT_GRADIENT(convolution_input_gradient_bf16, Precision::kBf16)
