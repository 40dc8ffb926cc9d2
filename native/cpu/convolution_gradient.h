// A convolution's gradient with respect to its input, for whatever is done with it: kept, or stepped along.
//
// Channels last: the product of convolution.h over dy, with filters in the place of channels. Channels first, or one
// channel: too few outputs for vectors of them, so pixels go into vectors instead. dy is brought into planes, one a filter;
// a register tile is some rows x 2 vectors of pixels x up to kPlanes channels, and weights are broadcast.
#pragma once

#include "convolution.h"

namespace sp::SP_LEVEL_NAMESPACE {

// What a plane's pixel holds: a value of one filter, or a pair of bfloat16 values of two filters.
struct Single {
    using Pixel = float;
    using Weight = Vec;
    using Pixels = Vec;
    static Weight weight(const Pixel* p) { return broadcast(*p); }
    static Pixels pixels(const Pixel* p) { return load(p); }
    static Vec add(Weight w, Pixels p, Vec sum) { return multiply_add(w, p, sum); }
};

struct Pair {
    using Pixel = uint32_t;
    using Weight = uint32_t;
    using Pixels = Pairs;
    static Weight weight(const Pixel* p) { return *p; }
    static Pixels pixels(const Pixel* p) { return load_pairs(reinterpret_cast<const uint16_t*>(p)); }
    static Vec add(Weight w, Pixels p, Vec sum) { return multiply_add_pairs(w, p, sum); }
};

// The register tile over planes. Tap t, plane f: w[taps[t].weights + f * N + channel] times the pixels at
// dy + taps[t].source + f * plane; rows `pitch` apart.
template <class Kind, int N, int V>
__attribute__((noinline)) void plane_tile(const typename Kind::Pixel* dy, int64_t pitch, int64_t plane, const Run* taps,
                                          int64_t count, const typename Kind::Pixel* w,
                                          float (*out)[lines_of(N)][kLanes]) {
    constexpr int L = lines_of(N);
    Vec sum[N][L][V];
#pragma GCC unroll 16
    for (int n = 0; n < N; ++n) {
        for (int l = 0; l < L; ++l) {
            for (int v = 0; v < V; ++v) {
                sum[n][l][v] = zero();
            }
        }
    }
    for (int64_t t = 0; t < count; ++t) {
        const typename Kind::Pixel* from = dy + taps[t].source;
        const typename Kind::Pixel* weights = w + taps[t].weights;
        for (int64_t f = 0; f < taps[t].length; ++f, from += plane, weights += N) {
            typename Kind::Weight weight[N];
            for (int n = 0; n < N; ++n) {
                weight[n] = Kind::weight(weights + n);
            }
#pragma GCC unroll 16
            for (int l = 0; l < L; ++l) {
                for (int v = 0; v < V; ++v) {
                    const typename Kind::Pixels pixels = Kind::pixels(from + l * pitch + v * kWidth);
                    for (int n = 0; n < N; ++n) {
                        sum[n][l][v] = Kind::add(weight[n], pixels, sum[n][l][v]);
                    }
                }
            }
        }
    }
#pragma GCC unroll 16
    for (int n = 0; n < N; ++n) {
        for (int l = 0; l < L; ++l) {
            for (int v = 0; v < V; ++v) {
                store(out[n][l] + v * kWidth, sum[n][l][v]);
            }
        }
    }
}

// dy of one image as planes, `planes_of` of them a group: pixel (y, x) of plane f at out[f * plane + y * pitch + x], in a
// frame of zeros.
struct Planes {
    const sp_convolution& s;
    const Axes& axes;

    int64_t count() const { return s.groups * planes_of(s); }
    int64_t pitch() const { return axes.x.padded(); }
    // Tiles read past the last row and the last column: what they compute there belongs to nobody.
    int64_t plane() const { return round_up((axes.y.padded() + lines_of(1)) * pitch() + kLanes, 16); }
    int64_t pixels() const { return count() * plane(); }

    // The inside of the frame. line: room for one row of dy.
    void fill(const float* dy, float* line, float* out) const {
        for (int64_t y = 0; y < axes.y.source; ++y) {
            const float* from = dy + y * axes.x.source * s.filters;
            if (s.bf16 != 0) {
                for (int64_t i = 0; i < axes.x.source * s.filters; ++i) {
                    line[i] = rounded(from[i]);
                }
                from = line;
            }
            spread(y, reinterpret_cast<const uint32_t*>(from), reinterpret_cast<uint32_t*>(out));
        }
    }

    void fill(const float* dy, float* line, uint32_t* out) const {
        for (int64_t y = 0; y < axes.y.source; ++y) {
            bf16_rows(axes.x.source * s.groups, s.filters / s.groups, dy + y * axes.x.source * s.filters,
                      reinterpret_cast<uint16_t*>(line));
            spread(y, reinterpret_cast<const uint32_t*>(line), out);
        }
    }

private:
    void spread(int64_t y, const uint32_t* line, uint32_t* out) const {
        transpose(axes.x.source, count(), line, count(),
                  out + (axes.y.before + y) * pitch() + axes.x.before, plane());
    }
};

// Some channels' rows of dx, complete: finish(channel, row, values) with s.width values each. dy: the planes of their group.
template <class Kind, int N, class Finish>
void plane_rows(const Planes& planes, const typename Kind::Pixel* dy, const typename Kind::Pixel* w, int64_t channel,
                Run* taps, float* rows, const Finish& finish) {
    constexpr int L = lines_of(N);
    alignas(64) float out[N][L][kLanes];
    const Axes& axes = planes.axes;
    const int64_t depth = planes_of(planes.s);
    const int64_t pitch = planes.pitch();
    const int64_t width = round_up(axes.x.outputs, kLanes);
    for (int64_t ry = 0; ry < axes.y.classes(); ++ry) {
        for (int64_t j = 0; j < axes.y.count(ry); j += L) {
            const int64_t lines = std::min<int64_t>(L, axes.y.count(ry) - j);
            const auto row = [&](int64_t i) { return rows + (i / lines * L + i % lines) * width; };
            for (int64_t rx = 0; rx < axes.x.classes(); ++rx) {
                int64_t count = 0;
                each_tap(axes, ry, rx, [&](int64_t tap, int64_t y, int64_t x) {
                    taps[count++] = {y * pitch + x, tap * depth * N, depth};
                });
                for (int64_t i = 0; i < axes.x.count(rx); i += kLanes) {
                    const int64_t pixels = std::min<int64_t>(kLanes, axes.x.count(rx) - i);
                    if (pixels > kWidth) {
                        plane_tile<Kind, N, 2>(dy + j * pitch + i, pitch, planes.plane(), taps, count, w, out);
                    } else {
                        plane_tile<Kind, N, 1>(dy + j * pitch + i, pitch, planes.plane(), taps, count, w, out);
                    }
                    for (int64_t l = 0; l < N * lines; ++l) {
                        float* to = row(l) + rx + i * axes.x.step();
                        for (int64_t p = 0; p < pixels; ++p) {
                            to[p * axes.x.step()] = out[l / lines][l % lines][p];
                        }
                    }
                }
            }
            for (int64_t l = 0; l < N * lines; ++l) {
                finish(channel + l / lines, ry + (j + l % lines) * axes.y.step(), row(l));
            }
        }
    }
}

// The gradient of images [begin, end): finish(image, offset in the image, count, values) gets each piece of it once, image
// after image. Returns whether there was memory for it.
template <class Kind, class Finish>
bool gradient_by_planes(const sp_convolution& s, const float* dy, const float* prepared, int64_t begin, int64_t end,
                        const Finish& finish) {
    using Pixel = typename Kind::Pixel;
    const Axes axes = Axes::backward(s);
    const Planes planes{s, axes};
    const int64_t row_floats = kSums * round_up(s.width, kLanes);
    const int64_t line_floats = axes.x.source * (s.filters + s.groups);
    void* memory = scratch(Pieces::bytes<Run>(axes.taps()) + Pieces::bytes<float>(row_floats)
                           + Pieces::bytes<float>(line_floats) + Pieces::bytes<Pixel>(planes.pixels()));
    if (memory == nullptr) {
        return false;
    }
    Pieces pieces(memory);
    Run* taps = pieces.take<Run>(axes.taps());
    float* rows = pieces.take<float>(row_floats);
    float* line = pieces.take<float>(line_floats);
    Pixel* source = pieces.take<Pixel>(planes.pixels());
    std::memset(source, 0, sizeof(Pixel) * static_cast<size_t>(planes.pixels()));
    const int64_t channels = s.channels / s.groups;
    const Pixel* weights = reinterpret_cast<const Pixel*>(prepared);
    for (int64_t image = begin; image < end; ++image) {
        planes.fill(dy + image * s.filters * axes.y.source * axes.x.source, line, source);
        const auto row = [&](int64_t channel, int64_t y, const float* values) {
            finish(image, (channel * s.height + y) * s.width, s.width, values);
        };
        for (int64_t c = 0; c < s.channels;) {
            const int64_t group = c / channels;
            const Pixel* from = source + group * planes_of(s) * planes.plane();
            // A block of channels begins where the weights of those before it end.
            const Pixel* w = weights + c * axes.taps() * planes_of(s);
            const int64_t together = std::min<int64_t>(kPlanes, (group + 1) * channels - c);
            switch (together) {
                case 1: plane_rows<Kind, 1>(planes, from, w, c, taps, rows, row); break;
                case 2: plane_rows<Kind, 2>(planes, from, w, c, taps, rows, row); break;
                case 3: plane_rows<Kind, 3>(planes, from, w, c, taps, rows, row); break;
                default: plane_rows<Kind, 4>(planes, from, w, c, taps, rows, row); break;
            }
            c += together;
        }
    }
    return true;
}

template <class Element, class Finish>
bool gradient_by_pixels(const sp_convolution& s, const float* dy, const float* prepared, int64_t begin, int64_t end,
                        const Finish& finish) {
    const Axes axes = Axes::backward(s);
    const Frame frame = backward_frame(s);
    const bool lies = sizeof(Element) == sizeof(float) && frame.lies(axes);
    void* memory = scratch(Pieces::bytes<Run>(axes.taps())
                           + (lies ? 0 : Pieces::bytes<Element>(frame_elements(frame, axes))));
    if (memory == nullptr) {
        return false;
    }
    Pieces pieces(memory);
    Run* runs = pieces.take<Run>(axes.taps());
    Element* source = pieces.take<Element>(0);
    if (!lies) {
        clear_frame(frame, axes, source);
    }
    for (int64_t image = begin; image < end; ++image) {
        const float* from = dy + image * s.filters * axes.y.source * axes.x.source;
        const Element* read = source;
        if (lies) {
            read = reinterpret_cast<const Element*>(from);
        } else {
            fill_frame(frame, axes, from, source);
        }
        const auto each = [&](const Place& at, const float (*sums)[kLanes]) {
            for (int p = 0; p < at.pixels; ++p) {
                finish(image, (at.y * s.width + at.x + p * at.step) * s.channels + at.channel, at.channels, sums[p]);
            }
        };
        image_product(axes, frame, s.channels / s.groups, read, reinterpret_cast<const Element*>(prepared), runs, each);
    }
    return true;
}

template <class Finish>
bool convolution_gradient(const sp_convolution& s, const float* dy, const float* prepared, int64_t begin, int64_t end,
                          const Finish& finish) {
    const float* w = prepared + round_up(forward_floats(s), kPanel);
    const bool pairs = by_pairs(s, s.filters / s.groups);
    if (by_planes(s)) {
        return pairs ? gradient_by_planes<Pair>(s, dy, w, begin, end, finish)
                     : gradient_by_planes<Single>(s, dy, w, begin, end, finish);
    }
    return pairs ? gradient_by_pixels<uint16_t>(s, dy, w, begin, end, finish)
                 : gradient_by_pixels<float>(s, dy, w, begin, end, finish);
}

}  // namespace sp::SP_LEVEL_NAMESPACE
