// dw and db: the gradients of a convolution with respect to its filters and biases, in two kernels. The first sums parts of
// the examples, each part as one fmaf chain an element over its examples and their output's rows and columns; the second sums
// the parts, in index order inside chunks of 32 examples, then the chunks in order. One owner an element, no atomics.
//
// x n inputs, channels last or first; dy n outputs, channels last; partial: up(n, part) rows of filters x (kernel rows x
// kernel columns x channels of a group), then filters biases; dw filters x channels of a group x kernel rows x kernel columns
// (PyTorch's order), db filters or null. float32 at any 4-byte aligned address; n and all sizes >= 1; part a power of two up
// to 32. Outputs are overwritten. Bits repeat at a given n; float32 bits do not depend on what else is in the batch before
// the sum over parts. tf32 and bf16 round x and dy alone, and db is plain sums of dy in every precision.
//
// part follows from the layer's geometry (ConvolutionWeightGradient.java): as many examples as have about 4,096 positions,
// where filters alone give few tiles.
//
// Launch: convolution_weight_gradient block 128, grid up(n, part) * up(F, T) * groups * up(K, T), F filters of a group, K =
// kernel rows * columns * channels of a group, T = 32 for F <= 32, else 64; no dynamic shared memory (static: 30,720 bytes,
// bf16 36,864). convolution_weight_gradient_sum block 256, grid up(filters * (K + 1), 256).
//
// Roofline. FLOPs 2 n P K filters, P positions of the output. At n = 256, 32 -> 64 channels, 5x5 at 14x14: 5.1 GFLOP, least
// 19 MB, partial sums 16 x 0.2 MB twice: float32: FLOPs limit, 77 us on an H100, 62 us on an RTX 4090, in 16 x 13 blocks;
// aim 50 % (the last wave is short). At n = 256, 1 -> 32, 5x5 at 28x28: 0.32 GFLOP, 26 MB: 64 blocks with chains of 3,136:
// latency limits, about 80 us.
#include "prelude.cuh"

namespace {

template <Precision precision, class AnyTile>
DEVICE void weight_gradient_tile(int n, int part, const ConvolutionShape& s, const float* x, const float* dy, float* partial,
                                 float* shared) {
    using Sums = WarpSums<precision, AnyTile, Layout::kDepthOuter, Layout::kDepthOuter>;
    using A = typename Sums::A;
    using B = typename Sums::B;
    const int filters = s.group_filters();
    const int channels = s.group_channels();
    const int width = s.taps() * channels;
    const ColumnTile c = column_tile(static_cast<int>(blockIdx.x), s.groups, width, AnyTile::kColumns);
    const int row_tiles = (filters + AnyTile::kRows - 1) / AnyTile::kRows;
    const int first_row = c.rest % row_tiles * AnyTile::kRows;
    const int p = c.rest / row_tiles;
    const int first_example = p * part;
    const int examples = n - first_example < part ? n - first_example : part;
    const int positions = s.out_height * s.out_width;
    const int depth = examples * positions;
    const int thread = static_cast<int>(threadIdx.x);

    const Operand gradients = {dy + static_cast<size_t>(first_example) * positions * s.filters + c.group * filters, filters,
                               s.filters};
    const bool dy_aligned = filters % 4 == 0 && is_aligned16(dy);
    const float* images = x + static_cast<size_t>(first_example) * s.input_size();
    const bool x_aligned = s.wide_input(x);

    // This thread's columns are those of one tap; the positions that it copies move on by `each` at a time.
    const int pieces = x_aligned ? AnyTile::kColumns / 4 : AnyTile::kColumns;
    const int inner = thread % pieces * (x_aligned ? 4 : 1);
    const int run = thread / pieces;
    const int each = kGemmThreads / pieces;
    const Digits tap = digits_of(c.first + inner, {channels, s.kernel_width});
    const bool inside = c.first + inner < width;
    const int down = tap.high * s.dilation_y - s.top;
    const int right = tap.middle * s.dilation_x - s.left;
    const int channel = (c.group * channels + tap.low) * s.channel_stride();
    const Bases bases = {s.out_width, s.out_height};
    const Digits by = digits_of(each, bases);
    Digits at = digits_of(run, bases);
    const auto copy = [&](float* buffer, auto floats) {
        constexpr int kFloatsEach = sizeof(floats) / sizeof(float);
#pragma unroll 1
        for (int r = run; r < kStep; r += each) {
            float* to = buffer + B::at(inner, r);
            const int row = at.middle * s.stride_y + down;
            const int column = at.low * s.stride_x + right;
            if (inside && at.high < examples && static_cast<unsigned>(row) < static_cast<unsigned>(s.height) &&
                static_cast<unsigned>(column) < static_cast<unsigned>(s.width)) {
                cp_async<4 * kFloatsEach>(to, images + at.high * s.input_size() +
                                                      (row * s.row_stride() + column * s.column_stride() + channel));
            } else {
#pragma unroll
                for (int f = 0; f < kFloatsEach; ++f) {
                    to[f] = 0.0f;
                }
            }
            advance(at, by, bases);
        }
    };

    const bool sums_dy = c.first == 0 && thread < AnyTile::kRows;
    float bias = 0.0f;
    int k = 0;
    float* sums_of_part = partial + static_cast<size_t>(p) * s.filters * (width + 1);
    const bool wide = width % 4 == 0 && is_aligned16(sums_of_part);
    tile_loop<precision, AnyTile, Layout::kDepthOuter, Layout::kDepthOuter>(
            (depth + kStep - 1) / kStep, shared,
            [&](float* a_buffer, float* b_buffer) {
                A::load(gradients, dy_aligned, depth, first_row, k, a_buffer);
                if (x_aligned) {
                    copy(b_buffer, float4{});
                } else {
                    copy(b_buffer, float{});
                }
                k += kStep;
            },
            [&](const float* buffer, auto index) {
                if (sums_dy) {
#pragma unroll
                    for (int i = 0; i < kStep; ++i) {
                        bias += buffer[index(thread, i)];
                    }
                }
            },
            [&](int r, int column, float4 sums) {
                const int count = width - c.first - column;
                if (first_row + r >= filters || count <= 0) return;
                const size_t filter = static_cast<size_t>(c.group) * filters + first_row + r;
                store_four(sums_of_part + filter * width + c.first + column, count, wide,
                           {{sums.x, sums.y, sums.z, sums.w}});
            });
    if (sums_dy && first_row + thread < filters) {
        sums_of_part[static_cast<size_t>(s.filters) * width + c.group * filters + first_row + thread] = bias;
    }
}

template <Precision precision>
DEVICE void weight_gradient(int n, int part, const ConvolutionShape& s, const float* x, const float* dy, float* partial,
                            float* shared) {
    if (s.group_filters() <= 32) {
        weight_gradient_tile<precision, MediumTile>(n, part, s, x, dy, partial, shared);
    } else {
        weight_gradient_tile<precision, WideTile>(n, part, s, x, dy, partial, shared);
    }
}

}  // namespace

#define CONVOLUTION_WEIGHT_GRADIENT(name, precision)                                                                    \
    KERNEL(GEMM_BLOCK) name(int n, CONVOLUTION_PARAMETERS, int part, const float* x, const float* dy, float* partial) { \
        alignas(16) __shared__ float shared[kGemmShared<precision>];                                                    \
        weight_gradient<precision>(n, part, CONVOLUTION_ARGUMENTS, x, dy, partial, shared);                             \
    }                                                                                                                   \
    KERNEL_EXPORT(name)

CONVOLUTION_WEIGHT_GRADIENT(convolution_weight_gradient, Precision::kFloat32)
CONVOLUTION_WEIGHT_GRADIENT(convolution_weight_gradient_tf32, Precision::kTf32)
CONVOLUTION_WEIGHT_GRADIENT(convolution_weight_gradient_bf16, Precision::kBf16)

KERNEL(256) convolution_weight_gradient_sum(int parts, int parts_of_chunk, int filters, int taps, int channels,
                                            const float* partial, float* dw, float* db) {
    const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    const int width = taps * channels;
    const int weights = filters * width;
    const int size = weights + filters;
    if (i >= size || (i >= weights && db == nullptr)) return;
    float total = 0.0f;
    for (int first = 0; first < parts; first += parts_of_chunk) {
        const int end = parts < first + parts_of_chunk ? parts : first + parts_of_chunk;
        float chunk = 0.0f;
        for (int p = first; p < end; ++p) {
            chunk = __fadd_rn(chunk, partial[static_cast<size_t>(p) * static_cast<size_t>(size) + static_cast<size_t>(i)]);
        }
        total = __fadd_rn(total, chunk);
    }
    if (i >= weights) {
        db[i - weights] = total;
    } else {
        const int filter = i / width;
        const int k = i - filter * width;
        dw[(filter * channels + k % channels) * taps + k / channels] = total;
    }
}
KERNEL_EXPORT(convolution_weight_gradient_sum)
