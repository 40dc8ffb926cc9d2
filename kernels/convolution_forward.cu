// y = activation(x * W + b): a 2-D cross-correlation, the products in float32, tf32 or bf16 (entry names), everything else in
// float32.
//
// x n inputs, channels last or first; w filters x kernel rows x kernel columns x channels of a group; b filters, or null for
// zeros; y n x out_height x out_width x filters. float32 at any 4-byte aligned address (16 is faster); n and all sizes >= 1,
// n * out_height * out_width < 2^31. y overwrites and overlaps nothing. Bits repeat whatever n is; float32: one fmaf chain an
// element over kernel rows, columns and channels (a tap outside the image multiplies zero).
//
// Launch: block 128; grid up(n * out_height * out_width, R) * groups * up(F, C), F filters of a group, R x C = 32 x 16 for
// F <= 16, 64 x 32 for F <= 32, else 64 x 64; no dynamic shared memory (static: 31,744 bytes, bf16 37,888).
//
// Roofline, for one group, P positions of the output and K = kernel rows * columns * channels. FLOPs 2 n P K filters. Least
// bytes 4 (n input + K filters + n P filters); as written, from L2: 4 n P K up(F, C) for the patches, which overlap: the L1
// serves most of it, where a tile's positions are neighbours. At n = 256, 32 -> 64 channels, 5x5 at 14x14: 5.1 GFLOP, least
// 19 MB: float32: FLOPs limit, 77 us on an H100, 62 us on an RTX 4090; aim 60 % (of each 16 ks a thread's address arithmetic
// is about a tenth). tf32 and bf16: reading operands from shared memory as float32 limits, about 25 us on an H100.
// At n = 256, 1 -> 32, 5x5 at 28x28: 0.32 GFLOP, 26 MB written: bytes limit, 8 us on an H100, 26 us on a 4090; single floats
// are gathered there, 25 a position, so aim 30 %.
#include "prelude.cuh"

namespace {

template <Precision precision, class AnyTile>
DEVICE void forward_tile(int n, const ConvolutionShape& s, const float* x, const float* w, const float* b, int activation,
                         float slope, float* y, float* shared, PatchRow* rows) {
    using Sums = WarpSums<precision, AnyTile, Layout::kDepthInner, Layout::kDepthInner>;
    const int width = s.group_filters();
    const int channels = s.group_channels();
    const ColumnTile c = column_tile(static_cast<int>(blockIdx.x), s.groups, width, AnyTile::kColumns);
    const int positions = n * s.out_height * s.out_width;
    const int first_row = c.rest * AnyTile::kRows;
    const int thread = static_cast<int>(threadIdx.x);
    if (thread < AnyTile::kRows) {
        PatchRow row = {0, kNowhere, 0};
        if (first_row + thread < positions) {
            const Digits at = digits_of(first_row + thread, {s.out_width, s.out_height});
            row.y = at.middle * s.stride_y - s.top;
            row.x = at.low * s.stride_x - s.left;
            row.from = static_cast<long long>(at.high) * static_cast<long long>(s.input_size()) +
                       row.y * s.row_stride() + row.x * s.column_stride() + c.group * channels * s.channel_stride();
        }
        rows[thread] = row;
    }
    __syncthreads();

    const int depth = s.taps() * channels;
    const Patches patches = {x,
                             s.height,
                             s.width,
                             s.row_stride(),
                             s.column_stride(),
                             s.channel_stride(),
                             channels,
                             s.kernel_height,
                             s.kernel_width,
                             s.dilation_y,
                             s.dilation_x,
                             s.wide_input(x)};
    const Operand filters = {w + static_cast<size_t>(c.group) * width * depth, width, depth};
    const bool w_aligned = depth % 4 == 0 && is_aligned16(w);
    const Bases bases = {channels, s.kernel_width};
    const Digits by = digits_of(kStep, bases);
    Digits at = digits_of(patches.inner(), bases);
    int k = 0;
    const bool wide = s.wide_output(y);
    tile_loop<precision, AnyTile, Layout::kDepthInner, Layout::kDepthInner>(
            (depth + kStep - 1) / kStep, shared,
            [&](float* a_buffer, float* b_buffer) {
                patches.template load<typename Sums::A>(rows, at, a_buffer);
                Sums::B::load(filters, w_aligned, depth, c.first, k, b_buffer);
                advance(at, by, bases);
                k += kStep;
            },
            [](const float*, auto) {},
            [&](int r, int column, float4 sums) {
                const int count = width - c.first - column;
                if (first_row + r >= positions || count <= 0) return;
                const int filter = c.group * width + c.first + column;
                Four v = {{sums.x, sums.y, sums.z, sums.w}};
                const Four bias = b == nullptr ? Four{} : load_four(b + filter, count, false);
#pragma unroll
                for (int i = 0; i < 4; ++i) {
                    v.v[i] = activate(activation, slope, v.v[i] + bias.v[i]);
                }
                store_four(y + static_cast<size_t>(first_row + r) * s.filters + filter, count, wide, v);
            });
}

template <Precision precision>
DEVICE void forward(int n, const ConvolutionShape& s, const float* x, const float* w, const float* b, int activation,
                    float slope, float* y, float* shared, PatchRow* rows) {
    with_tile(s.group_filters(), [&](auto tile) {
        forward_tile<precision, decltype(tile)>(n, s, x, w, b, activation, slope, y, shared, rows);
    });
}

}  // namespace

#define CONVOLUTION_FORWARD(name, precision)                                                                            \
    KERNEL(GEMM_BLOCK) name(int n, CONVOLUTION_PARAMETERS, const float* x, const float* w, const float* b,              \
                            int activation, float slope, float* y) {                                                    \
        alignas(16) __shared__ float shared[kGemmShared<precision>];                                                    \
        __shared__ PatchRow rows[kMostRows];                                                                            \
        forward<precision>(n, CONVOLUTION_ARGUMENTS, x, w, b, activation, slope, y, shared, rows);                      \
    }                                                                                                                   \
    KERNEL_EXPORT(name)

CONVOLUTION_FORWARD(convolution_forward, Precision::kFloat32)
CONVOLUTION_FORWARD(convolution_forward_tf32, Precision::kTf32)
CONVOLUTION_FORWARD(convolution_forward_bf16, Precision::kBf16)
