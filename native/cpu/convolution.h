// What all convolutions share: the geometry of an axis, the padded copy of an image, and the product over a kernel's taps.
//
// Forward and input gradient are one product: an output position sums, over the taps that reach it, pixels of a source
// image times weights. Forward the source is x, and every tap reaches every position. Backward the source is dy, and with
// a stride the positions fall into classes (their remainders), each reached by taps of its own, in steps of one pixel.
//
// Each element is one chain of multiply-adds over kernel rows, kernel columns and channels, ascending, whatever tile it
// falls into. Padding is zeros in the copy: adding a product with zero changes nothing.
//
// kPixels x 2 vectors of outputs live in registers: a vector of weights serves all pixels and a broadcast value serves
// both vectors, so that 28 multiply-adds cost 16 loads. Where rows are short, a tile holds two of them.
#pragma once

#include <algorithm>

#include "bf16.h"
#include "level.h"
#include "operations.h"
#include "scratch.h"

namespace sp::SP_LEVEL_NAMESPACE {

#if defined(__AVX512F__)
constexpr int kPixels = 14;      // of a register tile: 28 sums, 2 weights, 2 to spare
constexpr int kSums = 28;
#else
constexpr int kPixels = 6;       // 12 sums, 2 weights, 2 to spare
constexpr int kSums = 12;
#endif
constexpr int kLanes = 2 * kWidth;  // outputs of a register tile
constexpr int kAhead = 16;          // values of k that weights are asked for ahead: they come from the second-level cache

inline Vec relu(Vec v) {
#if defined(__AVX512F__)
    return _mm512_max_ps(v, zero());  // the second operand where one is not a number
#elif defined(__AVX2__) && defined(__FMA__)
    return _mm256_max_ps(v, zero());
#else
    return v > zero() ? v : zero();
#endif
}

inline int64_t round_up(int64_t value, int64_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

inline int64_t output_height(const sp_convolution& s) {
    return (s.height + s.top + s.bottom - (s.kernel_height - 1) * s.dilation_y - 1) / s.stride_y + 1;
}

inline int64_t output_width(const sp_convolution& s) {
    return (s.width + s.left + s.right - (s.kernel_width - 1) * s.dilation_x - 1) / s.stride_x + 1;
}

// One axis of a product: `outputs` positions over a source of `source` pixels.
struct Axis {
    int64_t source, outputs;
    int64_t kernel, stride, dilation, padding;
    bool backward;
    int64_t before = 0, after = 0;  // pixels of zeros that the taps reach on either side

    Axis(int64_t source, int64_t outputs, int64_t kernel, int64_t stride, int64_t dilation, int64_t padding,
         bool backward)
        : source(source), outputs(outputs), kernel(kernel), stride(stride), dilation(dilation), padding(padding),
          backward(backward) {
        for (int64_t r = 0; r < classes(); ++r) {
            for (int64_t k = 0; k < kernel; ++k) {
                if (reaches(r, k)) {
                    before = std::max(before, -shift(r, k));
                    after = std::max(after, source_step() * (count(r) - 1) + shift(r, k) - (source - 1));
                }
            }
        }
    }

    // Classes of positions: r, r + step(), r + 2 step(), ...
    int64_t classes() const { return backward ? std::min(stride, outputs) : 1; }
    int64_t step() const { return backward ? stride : 1; }
    int64_t count(int64_t r) const { return (outputs - r + step() - 1) / step(); }

    // The j-th position of class r reads the source at source_step() * j + shift(r, k) through tap k.
    int64_t source_step() const { return backward ? 1 : stride; }
    bool reaches(int64_t r, int64_t k) const { return !backward || (r + padding - k * dilation) % stride == 0; }
    int64_t shift(int64_t r, int64_t k) const {
        return backward ? (r + padding - k * dilation) / stride : k * dilation - padding;
    }

    int64_t padded() const { return before + source + after; }
};

struct Axes {
    Axis y, x;

    static Axes forward(const sp_convolution& s) {
        return {Axis(s.height, output_height(s), s.kernel_height, s.stride_y, s.dilation_y, s.top, false),
                Axis(s.width, output_width(s), s.kernel_width, s.stride_x, s.dilation_x, s.left, false)};
    }
    static Axes backward(const sp_convolution& s) {
        return {Axis(output_height(s), s.height, s.kernel_height, s.stride_y, s.dilation_y, s.top, true),
                Axis(output_width(s), s.width, s.kernel_width, s.stride_x, s.dilation_x, s.left, true)};
    }

    int64_t taps() const { return y.kernel * x.kernel; }
    int64_t padded() const { return y.padded() * x.padded(); }
};

// Taps whose source pixels and weights both lie in one piece: `length` values along the source.
struct Run {
    int64_t source, weights, length;
};

// The taps of one class of positions, in order: calls each(index of the tap, source row, source column), of the frame.
template <class Each>
void each_tap(const Axes& axes, int64_t ry, int64_t rx, const Each& each) {
    for (int64_t ky = 0; ky < axes.y.kernel; ++ky) {
        for (int64_t kx = 0; kx < axes.x.kernel; ++kx) {
            if (axes.y.reaches(ry, ky) && axes.x.reaches(rx, kx)) {
                each(ky * axes.x.kernel + kx, axes.y.before + axes.y.shift(ry, ky), axes.x.before + axes.x.shift(rx, kx));
            }
        }
    }
}

// The same as runs of `depth` values a tap; offsets in elements: pixels and rows of the source, `weight` weights a value.
inline int64_t collect_runs(const Axes& axes, int64_t ry, int64_t rx, int64_t pixel, int64_t row, int64_t depth,
                            int64_t weight, Run* runs) {
    int64_t found = 0;
    each_tap(axes, ry, rx, [&](int64_t tap, int64_t y, int64_t x) {
        const Run run{y * row + x * pixel, tap * depth * weight, depth};
        Run* last = runs + found - 1;
        if (found > 0 && last->source + last->length == run.source
            && last->weights + last->length * weight == run.weights) {
            last->length += depth;
        } else {
            runs[found++] = run;
        }
    });
    return found;
}

inline float rounded(float f) {
    return float_of(uint32_t{bf16_of(f)} << 16);
}

// An image as the product reads it: channels last, in a frame of zeros.
struct Frame {
    int64_t groups, channels, depth;  // a group's channels are padded with zeros up to depth
    bool channels_first;              // of the image
    bool round;                       // to bfloat16, in elements that are float32

    int64_t pixel() const { return groups * depth; }

    // Whether an image of float32 can be read where it lies.
    bool lies(const Axes& a) const {
        return !round && (!channels_first || groups * channels == 1) && a.y.before == 0 && a.y.after == 0
               && a.x.before == 0 && a.x.after == 0;
    }
};

inline int64_t frame_elements(const Frame& f, const Axes& a) {
    return a.padded() * f.pixel();
}

// Row y of an image, without its frame.
inline void fill_line(const Frame& f, const Axes& a, const float* x, int64_t y, float* to) {
    const int64_t width = a.x.source;
    const int64_t values = width * f.pixel();
    const float* from = x + y * values;
    const bool turned = f.channels_first && f.pixel() > 1;
    if (turned) {
        transpose(f.pixel(), width, reinterpret_cast<const uint32_t*>(x + y * width), a.y.source * width,
                  reinterpret_cast<uint32_t*>(to), f.pixel());
        from = to;
    }
    if (f.round) {
        for (int64_t i = 0; i < values; ++i) {
            to[i] = rounded(from[i]);
        }
    } else if (!turned) {
        each_vector(values, [=](int64_t i, auto lanes) { store_first(to + i, load_first(from + i, lanes), lanes); });
    }
}

inline void fill_line(const Frame& f, const Axes& a, const float* x, int64_t y, uint16_t* to) {
    const int64_t width = a.x.source;
    if (!f.channels_first) {
        bf16_rows(width * f.groups, f.channels, x + y * width * f.groups * f.channels, to);
        return;
    }
    for (int64_t i = 0; i < width; ++i) {
        for (int64_t c = 0; c < f.groups * f.channels; ++c) {
            to[i * f.pixel() + c / f.channels * f.depth + c % f.channels] =
                bf16_of(x[(c * a.y.source + y) * width + i]);
        }
        for (int64_t g = 0; g < f.groups && f.depth > f.channels; ++g) {
            to[i * f.pixel() + g * f.depth + f.channels] = 0;
        }
    }
}

// The zeros around an image: once for all images of a call.
template <class Element>
void clear_frame(const Frame& f, const Axes& a, Element* out) {
    const auto clear = [&](int64_t pixel, int64_t pixels) {
        std::memset(out + pixel * f.pixel(), 0, sizeof(Element) * static_cast<size_t>(pixels * f.pixel()));
    };
    const int64_t row = a.x.padded();
    clear(0, a.y.before * row);
    for (int64_t y = a.y.before; y < a.y.before + a.y.source; ++y) {
        clear(y * row, a.x.before);
        clear(y * row + a.x.before + a.x.source, a.x.after);
    }
    clear((a.y.before + a.y.source) * row, a.y.after * row);
}

template <class Element>
void fill_frame(const Frame& f, const Axes& a, const float* x, Element* out) {
    for (int64_t y = 0; y < a.y.source; ++y) {
        fill_line(f, a, x, y, out + ((a.y.before + y) * a.x.padded() + a.x.before) * f.pixel());
    }
}

// Pieces of the thread's working memory, each on a cache line's boundary.
class Pieces {
public:
    explicit Pieces(void* memory) : at_(static_cast<char*>(memory)) {}

    template <class T>
    static int64_t bytes(int64_t count) { return round_up(count * static_cast<int64_t>(sizeof(T)), 64); }

    template <class T>
    T* take(int64_t count) {
        T* piece = reinterpret_cast<T*>(at_);
        at_ += bytes<T>(count);
        return piece;
    }

private:
    char* at_;
};

// Pixels of a tile that lie before its second half.
constexpr int half_of(int pixels) {
    return (pixels + 1) / 2;
}

// Where the pixels of a tile are read: `stride` apart, the second half `half` after the first.
struct Steps {
    int64_t stride, half;
};

// sum[p][v] += source pixels p times the weights of one run.
template <int P, int V>
inline void add_run(const float* x, Steps steps, const float* w, int64_t length, Vec (&sum)[P][V]) {
    constexpr int H = half_of(P);
    const float* high = x + steps.half;
    for (int64_t k = 0; k < length; ++k, ++x, ++high, w += kPanel) {
        Vec column[V];
        for (int v = 0; v < V; ++v) {
            column[v] = load(w + v * kWidth);
            __builtin_prefetch(w + kAhead * kPanel + v * kWidth);
        }
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) {
            const Vec value = broadcast(p < H ? x[p * steps.stride] : high[(p - H) * steps.stride]);
            for (int v = 0; v < V; ++v) {
                sum[p][v] = multiply_add(value, column[v], sum[p][v]);
            }
        }
    }
}

template <int P, int V>
inline void add_run(const uint16_t* x, Steps steps, const uint16_t* w, int64_t length, Vec (&sum)[P][V]) {
    constexpr int H = half_of(P);
    const uint16_t* high = x + steps.half;
    for (int64_t k = 0; k < length; k += 2, x += 2, high += 2, w += 2 * kPanel) {
        Pairs column[V];
        for (int v = 0; v < V; ++v) {
            column[v] = load_pairs(w + 2 * v * kWidth);
            __builtin_prefetch(w + 2 * kAhead * kPanel + 2 * v * kWidth);
        }
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) {
            uint32_t pair;
            std::memcpy(&pair, p < H ? x + p * steps.stride : high + (p - H) * steps.stride, sizeof pair);
            for (int v = 0; v < V; ++v) {
                sum[p][v] = multiply_add_pairs(pair, column[v], sum[p][v]);
            }
        }
    }
}

template <class Element, int P, int V>
__attribute__((noinline)) void tile(const Element* x, Steps steps, const Run* runs, int64_t count, const Element* w,
                                    float (*out)[kLanes]) {
    Vec sum[P][V];
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
        for (int v = 0; v < V; ++v) {
            sum[p][v] = zero();
        }
    }
    for (int64_t i = 0; i < count; ++i) {
        add_run<P, V>(x + runs[i].source, steps, w + runs[i].weights, runs[i].length, sum);
    }
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
        for (int v = 0; v < V; ++v) {
            store(out[p] + v * kWidth, sum[p][v]);
        }
    }
}

template <class Element, int P = kPixels>
inline void tile_of(int pixels, int columns, const Element* x, Steps steps, const Run* runs, int64_t count,
                    const Element* w, float (*out)[kLanes]) {
    if constexpr (P > 1) {
        if (pixels < P) {
            return tile_of<Element, P - 1>(pixels, columns, x, steps, runs, count, w, out);
        }
    }
    if (columns > kWidth) {
        tile<Element, P, 2>(x, steps, runs, count, w, out);
    } else {
        tile<Element, P, 1>(x, steps, runs, count, w, out);
    }
}

// A piece's place in the output: pixels `step` apart in row y from column x on, `channels` channels each.
struct Place {
    int64_t y, x, step;
    int pixels;
    int64_t channel;
    int channels;
};

// The whole product of one image: finish(place, sums) gets each piece of it once. columns: outputs of a group. Weights
// are packed [group][panel][tap][depth][kPanel], with bfloat16 [group][panel][tap][pair][kPanel][2].
template <class Element, class Finish>
void image_product(const Axes& axes, const Frame& frame, int64_t columns, const Element* source, const Element* w,
                   Run* runs, const Finish& finish) {
    constexpr int64_t kTogether = sizeof(float) / sizeof(Element);  // values of k in a lane
    alignas(64) float out[kPixels][kLanes];
    const int64_t pixel = frame.pixel();
    const int64_t row = axes.x.padded() * pixel;
    const int64_t panels = (columns + kPanel - 1) / kPanel;
    const int64_t panel_elements = axes.taps() * frame.depth * kPanel;
    for (int64_t c = 0; c < axes.y.classes() * axes.x.classes(); ++c) {
        const int64_t ry = c / axes.x.classes();
        const int64_t rx = c % axes.x.classes();
        const int64_t count = collect_runs(axes, ry, rx, pixel, row, frame.depth, kPanel, runs);
        const int64_t stride = axes.x.source_step() * pixel;
        const int64_t positions = axes.x.count(rx);
        const int64_t tiles = (positions + kPixels - 1) / kPixels;
        for (int64_t unit = 0; unit < frame.groups * panels; ++unit) {
            const int64_t group = unit / panels;
            const int64_t panel = unit % panels;
            const int64_t here = std::min(kPanel, columns - panel * kPanel);
            for (int64_t j = 0; j < axes.y.count(ry);) {
                const int64_t lines = 2 * positions <= kPixels && j + 1 < axes.y.count(ry) ? 2 : 1;
                const Element* line = source + group * frame.depth + j * axes.y.source_step() * row;
                for (int64_t t = 0; t < tiles; ++t) {
                    const int64_t first = positions * t / tiles;
                    const int pixels = static_cast<int>(positions * (t + 1) / tiles - first);
                    const int64_t half = lines == 2 ? axes.y.source_step() * row : half_of(pixels) * stride;
                    for (int64_t column = 0; column < here; column += kLanes) {
                        const int channels = static_cast<int>(std::min<int64_t>(kLanes, here - column));
                        tile_of<Element>(static_cast<int>(lines) * pixels, channels, line + first * stride,
                                         {stride, half}, runs, count, w + unit * panel_elements + column * kTogether,
                                         out);
                        for (int64_t l = 0; l < lines; ++l) {
                            finish(Place{ry + (j + l) * axes.y.step(), rx + first * axes.x.step(), axes.x.step(), pixels,
                                         group * columns + panel * kPanel + column, channels},
                                   out + l * pixels);
                        }
                    }
                }
                j += lines;
            }
        }
    }
}

// ---- the forms of the weights, side by side in the prepared copy ----

// Whether a sum over this many channels goes by pairs of bfloat16. With fewer the padding would cost what pairs save:
// then float32 products of rounded values give the same.
inline bool by_pairs(const sp_convolution& s, int64_t channels) {
    return s.bf16 != 0 && channels >= 8;
}

inline int64_t depth_of(const sp_convolution& s, int64_t channels) {
    return by_pairs(s, channels) ? bf16_row(channels) : channels;
}

// Whether the input gradient is computed by channels, with pixels in vectors: where channels lie first, or are one.
inline bool by_planes(const sp_convolution& s) {
    return s.channels_first != 0 || s.channels == 1;
}

// Planes of dy a group: one a filter, or one a pair of filters.
inline int64_t planes_of(const sp_convolution& s) {
    const int64_t filters = s.filters / s.groups;
    return by_pairs(s, filters) ? bf16_row(filters) / 2 : filters;
}

// Floats of one form: sums over `channels` a group, `columns` outputs a group.
inline int64_t form_floats(const sp_convolution& s, int64_t channels, int64_t columns) {
    const int64_t elements = s.groups * round_up(columns, kPanel) * s.kernel_height * s.kernel_width
                             * depth_of(s, channels);
    return by_pairs(s, channels) ? elements / 2 : elements;
}

inline int64_t forward_floats(const sp_convolution& s) {
    return form_floats(s, s.channels / s.groups, s.filters / s.groups);
}

inline int64_t backward_floats(const sp_convolution& s) {
    return by_planes(s) ? s.channels * s.kernel_height * s.kernel_width * planes_of(s)
                        : form_floats(s, s.filters / s.groups, s.channels / s.groups);
}

// Channels of a group that share the gradients that they load, and rows of the image in a register tile of theirs: few
// enough that the gradients that one row of the kernel meets stay in the first-level cache.
constexpr int kPlanes = 4;
constexpr int kMostLines = 4;
constexpr int lines_of(int channels) {
    return std::min(kMostLines, kSums / (2 * channels));
}

inline Frame forward_frame(const sp_convolution& s) {
    const int64_t channels = s.channels / s.groups;
    return {s.groups, channels, depth_of(s, channels), s.channels_first != 0,
            s.bf16 != 0 && !by_pairs(s, channels)};
}

inline Frame backward_frame(const sp_convolution& s) {
    const int64_t filters = s.filters / s.groups;
    return {s.groups, filters, depth_of(s, filters), false, s.bf16 != 0 && !by_pairs(s, filters)};
}

}  // namespace sp::SP_LEVEL_NAMESPACE
