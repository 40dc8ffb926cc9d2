// What the convolution kernels share: geometry, and operands of a matrix product that are read where the images lie.
//
// A convolution is a product whose left operand has a row for each position (example, y, x) and a column for each tap and
// channel of the kernel: the patch that lies under the kernel there. That matrix, kernel_height * kernel_width times as large
// as the image, is never made: the loaders below compute where its elements lie, and copy them into the buffers of gemm.cuh,
// zeros where a tap falls outside the image. All else is gemm.cuh's: tiles, the order of sums, tensor cores.
//
// Depth runs over kernel rows, then kernel columns, then channels, as one fmaf chain in float32. A position's sums do not
// depend on the tile that it falls into, so bits do not depend on the batch.
#pragma once

// A convolution's geometry, as the launchers pass it.
struct ConvolutionShape {
    int channels, height, width;           // of the input
    int filters, out_height, out_width;    // of the output
    int kernel_height, kernel_width;
    int stride_y, stride_x;
    int top, left;                         // padding; what lies below and on the right follows from the output's size
    int dilation_y, dilation_x;
    int groups;
    int channels_first;                    // the input's layout; the output lies channels last

    DEVICE int group_channels() const { return channels / groups; }
    DEVICE int group_filters() const { return filters / groups; }
    DEVICE int taps() const { return kernel_height * kernel_width; }
    DEVICE size_t input_size() const { return static_cast<size_t>(channels) * height * width; }
    DEVICE int pixels() const { return height * width; }
    // Floats from a row, a column and a channel of the input to the next.
    DEVICE int row_stride() const { return channels_first != 0 ? width : width * channels; }
    DEVICE int column_stride() const { return channels_first != 0 ? 1 : channels; }
    DEVICE int channel_stride() const { return channels_first != 0 ? pixels() : 1; }
    // Whether runs of four channels of one pixel of the input are 16 bytes of their own.
    DEVICE bool wide_input(const void* data) const {
        return channel_stride() == 1 && group_channels() % 4 == 0 && is_aligned16(data);
    }
    // Neighbouring positions whose channels fill the columns of a tile in the input gradient, where channels are few: 16
    // columns, of which a first layer's one or three channels would leave most unused.
    DEVICE int block_positions() const {
        return group_channels() <= 8 && stride_x % dilation_x == 0 ? 16 / group_channels() : 1;
    }
    DEVICE bool wide_output(const void* data) const { return group_filters() % 4 == 0 && is_aligned16(data); }
};

#define CONVOLUTION_PARAMETERS                                                                                           \
    int channels, int height, int width, int filters, int out_height, int out_width, int kernel_height, int kernel_width, \
            int stride_y, int stride_x, int top, int left, int dilation_y, int dilation_x, int groups, int channels_first
#define CONVOLUTION_ARGUMENTS                                                                                           \
    ConvolutionShape{channels, height,   width, filters, out_height, out_width,  kernel_height, kernel_width,           \
                     stride_y, stride_x, top,   left,    dilation_y, dilation_x, groups,        channels_first}

// ---- counting along positions and taps without dividing at each step ----

// A number in digits of two bases, the highest digit without bound.
struct Digits {
    int low, middle, high;
};
struct Bases {
    int low, middle;
};
DEVICE Digits digits_of(int value, const Bases& bases) {
    const int rest = value / bases.low;
    return {value - rest * bases.low, rest % bases.middle, rest / bases.middle};
}
DEVICE void advance(Digits& digits, const Digits& by, const Bases& bases) {
    digits.low += by.low;
    digits.middle += by.middle;
    digits.high += by.high;
    if (digits.low >= bases.low) {
        digits.low -= bases.low;
        ++digits.middle;
    }
    if (digits.middle >= bases.middle) {
        digits.middle -= bases.middle;
        ++digits.high;
    }
}

// ---- tiles ----

// 32 rows x 16 columns, 64 x 32 or 64 x 64, by the columns of a group alone.
constexpr int kMostRows = 64;
template <class Body>
DEVICE void with_tile(int width, const Body& body) {
    if (width <= 16) {
        body(NarrowTile{});
    } else if (width <= 32) {
        body(Tile<2, 2>{});
    } else {
        body(Tile<2, 4>{});
    }
}

// Neighbouring blocks share their positions and differ in their columns: block b is `rest` b / columns, and then column tile
// and group.
struct ColumnTile {
    int rest, group, first;
};
DEVICE ColumnTile column_tile(int block, int groups, int width, int columns) {
    const int tiles = (width + columns - 1) / columns;
    const int rest = block / (tiles * groups);
    const int column = block - rest * tiles * groups;
    return {rest, column / tiles, column % tiles * columns};
}

// ---- the left operand: patches ----

// The patch of one position: where its first tap lies, in the image and in memory (either may be outside).
struct alignas(16) PatchRow {
    long long from;
    int y, x;
};
constexpr int kNowhere = -(1 << 30);  // y of a row past the last position

struct Patches {
    const float* data;
    int height, width;  // of the images
    int row_stride, column_stride, channel_stride;
    int channels;        // of a tap
    int tap_rows, tap_columns;
    int step_y, step_x;  // pixels from a tap to the next
    bool aligned;        // four channels of a pixel are 16 bytes of their own

    // The depth at which this thread copies, inside a step.
    DEVICE int inner() const {
        const int thread = static_cast<int>(threadIdx.x);
        return aligned ? thread % (kStep / 4) * 4 : thread % kStep;
    }

    // Starts the copies of one step for the tile's rows; this thread's depth as channel, tap column and tap row.
    template <class AnyBuffer>
    DEVICE void load(const PatchRow* rows, const Digits& depth, float* buffer) const {
        if (aligned) {
            load_runs<AnyBuffer, 4>(rows, depth, buffer);
        } else {
            load_runs<AnyBuffer, 1>(rows, depth, buffer);
        }
    }

    template <class AnyBuffer, int kFloatsEach>
    DEVICE void load_runs(const PatchRow* rows, const Digits& depth, float* buffer) const {
        constexpr int kRows = AnyBuffer::kFloats / AnyBuffer::kStride;
        constexpr int kPieces = kStep / kFloatsEach;
        constexpr int kRowsEach = kGemmThreads / kPieces;  // at a time
        const int thread = static_cast<int>(threadIdx.x);
        const bool inside = depth.low < channels && depth.high < tap_rows;
        const int down = depth.high * step_y;
        const int right = depth.middle * step_x;
        const int from = down * row_stride + right * column_stride + depth.low * channel_stride;
        float* to = buffer + thread / kPieces * AnyBuffer::kStride + thread % kPieces * kFloatsEach;
#pragma unroll(kFloatsEach == 4 ? kRows : 1)
        for (int r = 0; r < kRows; r += kRowsEach) {
            const PatchRow row = rows[r + thread / kPieces];
            if (inside && static_cast<unsigned>(row.y + down) < static_cast<unsigned>(height) &&
                static_cast<unsigned>(row.x + right) < static_cast<unsigned>(width)) {
                cp_async<4 * kFloatsEach>(to, data + (row.from + from));
            } else {
#pragma unroll
                for (int f = 0; f < kFloatsEach; ++f) {
                    to[f] = 0.0f;
                }
            }
            to += kRowsEach * AnyBuffer::kStride;
        }
    }
};

// ---- the input gradient ----

// Along one axis, the positions of the input whose place is `phase` (below the stride) in the padded image, modulo the stride:
// they meet the same taps of the kernel, and no other positions meet those, so a product over one phase at a time multiplies
// no zeros in between. Position first + a * stride meets tap tap + j * tap_step at output a + shift - j * step.
struct Phase {
    int first, count;         // positions
    int tap, taps, tap_step;  // taps
    int shift, step;          // outputs

    DEVICE Phase(int phase, int extent, int stride, int padding, int dilation, int kernel) {
        first = (phase - padding % stride + stride) % stride;
        count = first < extent ? (extent - first + stride - 1) / stride : 0;
        tap = 0;
        while (tap < kernel && tap * dilation % stride != phase) {
            ++tap;
        }
        tap_step = 1;
        while (tap_step * dilation % stride != 0) {
            ++tap_step;
        }
        taps = (kernel - tap + tap_step - 1) / tap_step;
        shift = taps > 0 ? (first + padding - tap * dilation) / stride : 0;
        step = tap_step * dilation / stride;
    }
};

// Where block_positions() is more than one, a row of the product stands for that many neighbouring positions a, and column j *
// width + c for channel c of the j-th of them. The patch is that of all of them, so that tap column u of it is tap u - (block -
// 1) + j of the j-th position's kernel, or, outside the kernel, a zero among the filters: each position's taps still ascend.
template <Precision precision, class AnyTile, class Epilogue>
DEVICE void input_gradient_tile(int n, const ConvolutionShape& s, const float* dy, const float* w, float* shared,
                                PatchRow* rows, const Epilogue& epilogue) {
    using Sums = WarpSums<precision, AnyTile, Layout::kDepthInner, Layout::kDepthOuter>;
    constexpr bool kBlocks = AnyTile::kColumns == 16;
    const int width = s.group_channels();
    const int filters = s.group_filters();
    const int block = kBlocks ? s.block_positions() : 1;
    const int columns = block * width;
    const ColumnTile c = column_tile(static_cast<int>(blockIdx.x), s.groups, columns, AnyTile::kColumns);
    const int tile = c.rest / (s.stride_y * s.stride_x);
    const int phase = c.rest % (s.stride_y * s.stride_x);
    const Phase py(phase / s.stride_x, s.height, s.stride_y, s.top, s.dilation_y, s.kernel_height);
    const Phase px(phase % s.stride_x, s.width, s.stride_x, s.left, s.dilation_x, s.kernel_width);
    const Bases bases = {(px.count + block - 1) / block, py.count};
    const int end = n * bases.middle * bases.low;  // of the rows
    const int first_row = tile * AnyTile::kRows;
    if (first_row >= end) return;

    const int thread = static_cast<int>(threadIdx.x);
    const int row_stride = s.out_width * s.filters;
    if (thread < AnyTile::kRows) {
        PatchRow row = {0, kNowhere, 0};
        if (first_row + thread < end) {
            const Digits at = digits_of(first_row + thread, bases);
            row.y = at.middle + py.shift;
            row.x = at.low * block + px.shift + block - 1;
            row.from = static_cast<long long>(at.high) * s.out_height * row_stride + row.y * row_stride +
                       row.x * s.filters + c.group * filters;
        }
        rows[thread] = row;
    }
    __syncthreads();

    const int pitch = (filters + kStep - 1) / kStep * kStep;  // ks of a tap
    const int tap_columns = px.taps > 0 ? px.taps + block - 1 : 0;
    const Patches patches = {dy,      s.out_height, s.out_width, row_stride, s.filters,        1,
                             filters, py.taps,      tap_columns, -py.step,   -px.step, s.wide_output(dy)};
    const bool w_aligned = width % 4 == 0 && is_aligned16(w);
    const int inner = patches.inner();
    Digits depth = {inner, 0, 0};
    // Of a block of positions, the column that this thread copies.
    const int column_of_block = thread % 16;
    const int position_of_block = column_of_block / width;
    const auto copy_filters = [&](const float* from, int first_filter, int tap_column, float* buffer) {
        const int tap = tap_column - (block - 1) + position_of_block;
        const bool inside = column_of_block < columns && tap >= 0 && tap < px.taps;
        const int at = tap * px.tap_step * width + column_of_block - position_of_block * width;
#pragma unroll
        for (int k = thread / 16; k < kStep; k += kGemmThreads / 16) {
            float* to = buffer + Sums::B::at(column_of_block, k);
            if (inside && first_filter + k < filters) {
                cp_async<4>(to, from + (static_cast<size_t>(first_filter + k) * s.taps() * width + at));
            } else {
                *to = 0.0f;
            }
        }
    };
    tile_loop<precision, AnyTile, Layout::kDepthInner, Layout::kDepthOuter>(
            py.taps * tap_columns * (pitch / kStep), shared,
            [&](float* a_buffer, float* b_buffer) {
                patches.template load<typename Sums::A>(rows, depth, a_buffer);
                const int row = (py.tap + depth.high * py.tap_step) * s.kernel_width + px.tap;
                const float* from = w + (static_cast<size_t>(c.group) * filters * s.taps() + row) * width;
                const int first_filter = depth.low - inner;
                if (kBlocks && block > 1) {
                    copy_filters(from, first_filter, depth.middle, b_buffer);
                } else {
                    const Operand taps = {from + depth.middle * px.tap_step * width, width, s.taps() * width};
                    Sums::B::load(taps, w_aligned, filters, c.first, first_filter, b_buffer);
                }
                advance(depth, {kStep, 0, 0}, {pitch, tap_columns});
            },
            [](const float*, auto) {},
            [&](int r, int column, float4 values) {
                if (first_row + r >= end) return;
                const Digits at = digits_of(first_row + r, bases);
                const int there = px.count - at.low * block < block ? px.count - at.low * block : block;
                const int first = c.first + column;
                const int y = py.first + at.middle * s.stride_y;
                // Neighbouring columns are channels of a position, or positions, or, one at a time, both.
                const int run = block == 1 || width == 1 ? 4 : 1;
                const int stride = block == 1 ? s.channel_stride() : s.stride_x * s.column_stride();
#pragma unroll 1
                for (int i = 0; i < 4 && first + i < there * width; i += run) {
                    const int j = kBlocks ? (first + i) / width : 0;
                    const int x = px.first + (at.low * block + j) * s.stride_x;
                    const int channel = c.group * width + first + i - j * width;
                    const float value = i == 0 ? values.x : (i == 1 ? values.y : (i == 2 ? values.z : values.w));
                    epilogue(r, at.high,
                             static_cast<size_t>(at.high) * s.input_size() +
                                     (y * s.row_stride() + x * s.column_stride() + channel * s.channel_stride()),
                             run == 1 ? 1 : there * width - first, stride, Four{{value, values.y, values.z, values.w}});
                }
            });
}

// The product under the input gradient and the step that follows it: for runs of up to four inputs of an example,
// epilogue(row of the tile, example, where in the inputs, how many, how far apart, values). w: filters x kernel rows x kernel
// columns x channels of a group. Blocks: stride_y * stride_x * tiles * (column tiles), tiles of the largest phase.
template <Precision precision, class Epilogue>
DEVICE void input_gradient_product(int n, const ConvolutionShape& s, const float* dy, const float* w, float* shared,
                                   PatchRow* rows, const Epilogue& epilogue) {
    with_tile(s.group_channels(), [&](auto tile) {
        input_gradient_tile<precision, decltype(tile)>(n, s, dy, w, shared, rows, epilogue);
    });
}

// ---- runs of up to four values of the input, `stride` floats apart ----

DEVICE Four load_run(const float* p, int count, int stride) {
    if (stride == 1) return load_four(p, count, is_aligned16(p));
    Four f = {};
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        f.v[i] = i < count ? p[i * stride] : 0.0f;
    }
    return f;
}
DEVICE void store_run(float* p, int count, int stride, const Four& f) {
    if (stride == 1) {
        store_four(p, count, is_aligned16(p), f);
        return;
    }
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        if (i < count) p[i * stride] = f.v[i];
    }
}
