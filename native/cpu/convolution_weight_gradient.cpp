// dw = the gradient of a convolution with respect to its weights, db = sums of dy over examples and pixels.
//
// An element's sum runs over chunks of 32 examples; within a chunk it is one chain of multiply-adds over examples, rows and
// columns of the output, and the chunks' sums are added in order. Examples are the outer loop, so that an image and its
// dy stay in the cache while all weights pass over them; a register tile of kPixels weights (neighbours along the source:
// columns of the kernel, then channels) x 2 vectors of filters is loaded and stored once an example.
#include "convolution.h"

namespace sp::SP_LEVEL_NAMESPACE {

namespace {

constexpr int64_t kChunk = 32;

// Weights that lie together along the source: `rows` of them from [tap][channel] `first` on, of one panel of filters.
struct Block {
    int64_t source, first;
    int rows;
    int64_t filter;
    int filters;
};

// How the pixels of an image and of dy are walked.
struct Walk {
    int64_t rows, columns;
    int64_t x_row, x_pixel, dy_pixel;
};

template <int R, int V, bool Partial>
__attribute__((noinline)) void add_image(const Walk& walk, const float* x, const float* dy, int last, float* sums) {
    Vec sum[R][V];
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
        for (int v = 0; v < V; ++v) {
            sum[r][v] = load(sums + r * kPanel + v * kWidth);
        }
    }
    for (int64_t y = 0; y < walk.rows; ++y, x += walk.x_row) {
        const float* from = x;
        for (int64_t i = 0; i < walk.columns; ++i, from += walk.x_pixel, dy += walk.dy_pixel) {
            Vec column[V];
            for (int v = 0; v < V; ++v) {
                column[v] = Partial && v == V - 1 ? load_first(dy + v * kWidth, last) : load(dy + v * kWidth);
            }
#pragma GCC unroll 16
            for (int r = 0; r < R; ++r) {
                const Vec value = broadcast(from[r]);
                for (int v = 0; v < V; ++v) {
                    sum[r][v] = multiply_add(value, column[v], sum[r][v]);
                }
            }
        }
    }
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
        for (int v = 0; v < V; ++v) {
            store(sums + r * kPanel + v * kWidth, sum[r][v]);
        }
    }
}

template <int R = kPixels>
void add_rows(int rows, int columns, const Walk& walk, const float* x, const float* dy, float* sums) {
    if constexpr (R > 1) {
        if (rows < R) {
            return add_rows<R - 1>(rows, columns, walk, x, dy, sums);
        }
    }
    if (columns == kLanes) {
        add_image<R, 2, false>(walk, x, dy, 0, sums);
    } else if (columns > kWidth) {
        add_image<R, 2, true>(walk, x, dy, columns - kWidth, sums);
    } else if (columns == kWidth) {
        add_image<R, 1, false>(walk, x, dy, 0, sums);
    } else {
        add_image<R, 1, true>(walk, x, dy, columns, sums);
    }
}

// All blocks of a convolution, in order.
int64_t collect_blocks(const sp_convolution& s, const Axes& axes, const Frame& frame, Run* runs, Block* blocks) {
    const int64_t pixel = frame.pixel();
    const int64_t count = collect_runs(axes, 0, 0, pixel, axes.x.padded() * pixel, frame.depth, 1, runs);
    const int64_t filters = s.filters / s.groups;
    int64_t found = 0;
    for (int64_t group = 0; group < s.groups; ++group) {
        for (int64_t f = 0; f < filters; f += kPanel) {
            for (int64_t i = 0; i < count; ++i) {
                const int64_t parts = (runs[i].length + kPixels - 1) / kPixels;
                for (int64_t part = 0; part < parts; ++part) {
                    const int64_t from = runs[i].length * part / parts;
                    blocks[found++] = {runs[i].source + group * frame.depth + from,
                                       runs[i].weights + from,
                                       static_cast<int>(runs[i].length * (part + 1) / parts - from),
                                       group * filters + f,
                                       static_cast<int>(std::min(kPanel, filters - f))};
                }
            }
        }
    }
    return found;
}

// Sums over pixels, some filters in registers.
template <int Vectors>
void add_pixels(int64_t pixels, int64_t filters, const float* dy, float* chunk) {
    Vec sum[Vectors];
    for (int v = 0; v < Vectors; ++v) {
        sum[v] = load(chunk + v * kWidth);
    }
    for (int64_t p = 0; p < pixels; ++p, dy += filters) {
        for (int v = 0; v < Vectors; ++v) {
            sum[v] = sum[v] + load(dy + v * kWidth);
        }
    }
    for (int v = 0; v < Vectors; ++v) {
        store(chunk + v * kWidth, sum[v]);
    }
}

void bias_gradient(const ConvolutionWeightGradient& a, int64_t pixels, float* chunk) {
    constexpr int kVectors = 4;
    const int64_t filters = a.shape->filters;
    for (int64_t i = 0; i < a.n; ++i) {
        if (i % kChunk == 0) {
            std::memset(chunk, 0, sizeof(float) * static_cast<size_t>(filters));
        }
        const float* dy = a.dy + i * pixels * filters;
        int64_t f = 0;
        for (; f + kVectors * kWidth <= filters; f += kVectors * kWidth) {
            add_pixels<kVectors>(pixels, filters, dy + f, chunk + f);
        }
        for (; f + kWidth <= filters; f += kWidth) {
            add_pixels<1>(pixels, filters, dy + f, chunk + f);
        }
        for (; f < filters; ++f) {
            for (int64_t p = 0; p < pixels; ++p) {
                chunk[f] += dy[p * filters + f];
            }
        }
        if (i % kChunk == kChunk - 1 || i == a.n - 1) {
            for (f = 0; f < filters; ++f) {
                a.db[f] = i < kChunk ? chunk[f] : a.db[f] + chunk[f];
            }
        }
    }
}

}  // namespace

void convolution_weight_gradient(const ConvolutionWeightGradient& a, int64_t begin, int64_t end) {
    const sp_convolution& s = *a.shape;
    const Axes axes = Axes::forward(s);
    const int64_t channels = s.channels / s.groups;
    const Frame frame{s.groups, channels, channels, s.channels_first != 0, s.bf16 != 0};
    const bool lies = frame.lies(axes);
    const int64_t outputs = s.filters * axes.y.outputs * axes.x.outputs;
    const int64_t panels = (s.filters / s.groups + kPanel - 1) / kPanel;
    const int64_t most_blocks = s.groups * panels * axes.taps() * ((channels + kPixels - 1) / kPixels);
    const int64_t most_floats = (most_blocks * (end - begin) / kWeightShares + 1) * kPixels * kPanel;
    void* memory = scratch(Pieces::bytes<Run>(axes.taps()) + Pieces::bytes<Block>(most_blocks)
                           + 2 * Pieces::bytes<float>(most_floats) + Pieces::bytes<float>(s.filters)
                           + Pieces::bytes<float>(frame_elements(frame, axes)) + Pieces::bytes<float>(outputs));
    if (memory == nullptr) {
        __atomic_store_n(a.status, SP_OUT_OF_MEMORY, __ATOMIC_RELAXED);
        return;
    }
    Pieces pieces(memory);
    Run* runs = pieces.take<Run>(axes.taps());
    Block* blocks = pieces.take<Block>(most_blocks);
    float* chunk = pieces.take<float>(most_floats);
    float* total = pieces.take<float>(most_floats);
    float* bias = pieces.take<float>(s.filters);
    float* source = pieces.take<float>(frame_elements(frame, axes));
    float* rounded_dy = pieces.take<float>(outputs);

    const int64_t all = collect_blocks(s, axes, frame, runs, blocks);
    const Block* own = blocks + all * begin / kWeightShares;
    const int64_t count = blocks + all * end / kWeightShares - own;
    const int64_t floats = count * kPixels * kPanel;
    const Walk walk{axes.y.outputs, axes.x.outputs, axes.y.source_step() * axes.x.padded() * frame.pixel(),
                    axes.x.source_step() * frame.pixel(), s.filters};
    if (!lies) {
        clear_frame(frame, axes, source);
    }
    for (int64_t i = 0; i < a.n && count > 0; ++i) {
        const float* x = a.x + i * s.channels * s.height * s.width;
        const float* dy = a.dy + i * outputs;
        if (!lies) {
            fill_frame(frame, axes, x, source);
            x = source;
        }
        if (frame.round) {
            for (int64_t j = 0; j < outputs; ++j) {
                rounded_dy[j] = rounded(dy[j]);
            }
            dy = rounded_dy;
        }
        if (i % kChunk == 0) {
            std::memset(chunk, 0, sizeof(float) * static_cast<size_t>(floats));
        }
        for (int64_t b = 0; b < count; ++b) {
            for (int column = 0; column < own[b].filters; column += kLanes) {
                add_rows(own[b].rows, std::min(kLanes, own[b].filters - column), walk, x + own[b].source,
                         dy + own[b].filter + column, chunk + b * kPixels * kPanel + column);
            }
        }
        if (i % kChunk == kChunk - 1 || i == a.n - 1) {
            for (int64_t j = 0; j < floats; ++j) {
                total[j] = i < kChunk ? chunk[j] : total[j] + chunk[j];
            }
        }
    }
    for (int64_t b = 0; b < count; ++b) {
        for (int64_t r = 0; r < own[b].rows; ++r) {
            const int64_t tap = (own[b].first + r) / channels;
            const int64_t c = (own[b].first + r) % channels;
            for (int64_t f = 0; f < own[b].filters; ++f) {
                a.dw[((own[b].filter + f) * channels + c) * axes.taps() + tap] =
                    total[(b * kPixels + r) * kPanel + f];
            }
        }
    }
    if (begin == 0 && a.db != nullptr) {
        bias_gradient(a, axes.y.outputs * axes.x.outputs, bias);
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
