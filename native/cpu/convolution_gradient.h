// A convolution's gradient with respect to its input, for whatever is done with it: kept, or stepped along.
//
// Channels last: the product of convolution.h over dy, with filters in the place of channels. Channels first, or one
// channel: too few outputs for vectors of them, so pixels go into vectors instead. dy is brought into planes, one a filter;
// a register tile is some rows x 2 vectors of pixels x up to kPlanes channels, and weights are broadcast.
#pragma once

#include "convolution.h"

namespace sp::SP_LEVEL_NAMESPACE {

// The register tile over planes. Tap t, filter f: w[(t * filters + f) * N + channel] times the pixels at
// dy + taps[t] + f * plane; rows `pitch` apart. out[channel][row][kLanes].
template <int N, int V>
__attribute__((noinline)) void plane_tile(const float* dy, int64_t pitch, int64_t plane, int64_t filters,
                                          const Run* taps, int64_t count, const float* w,
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
        const float* from = dy + taps[t].source;
        const float* weight = w + taps[t].weights;
        for (int64_t f = 0; f < filters; ++f, from += plane, weight += N) {
            Vec value[N];
            for (int n = 0; n < N; ++n) {
                value[n] = broadcast(weight[n]);
            }
#pragma GCC unroll 16
            for (int l = 0; l < L; ++l) {
                for (int v = 0; v < V; ++v) {
                    const Vec pixels = load(from + l * pitch + v * kWidth);
                    for (int n = 0; n < N; ++n) {
                        sum[n][l][v] = multiply_add(value[n], pixels, sum[n][l][v]);
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

// dy of one image as planes: filter f's pixel (y, x) at out[f * plane + y * pitch + x], in a frame of zeros.
struct Planes {
    const Axes& axes;
    int64_t filters;

    int64_t pitch() const { return axes.x.padded(); }
    // Tiles read past the last row and the last column: what they compute there belongs to nobody.
    int64_t plane() const { return (axes.y.padded() + lines_of(1)) * pitch() + kLanes; }
    int64_t elements() const { return filters * plane(); }

    void fill(const float* dy, bool round, float* out) const {
        std::memset(out, 0, sizeof(float) * static_cast<size_t>(elements()));
        const int64_t width = axes.x.source;
        for (int64_t y = 0; y < axes.y.source; ++y) {
            float* to = out + (axes.y.before + y) * pitch() + axes.x.before;
            transpose(width, filters, reinterpret_cast<const uint32_t*>(dy + y * width * filters), filters,
                      reinterpret_cast<uint32_t*>(to), plane());
            for (int64_t f = 0; f < filters && round; ++f) {
                for (int64_t x = 0; x < width; ++x) {
                    to[f * plane() + x] = rounded(to[f * plane() + x]);
                }
            }
        }
    }
};

// Some planes' rows of dx, complete: finish(channel, row, values) with s.width values each.
template <int N, class Finish>
void plane_rows(const sp_convolution& s, const Axes& axes, const Planes& planes, const float* dy, const float* w,
                int64_t channel, Run* taps, float* rows, const Finish& finish) {
    constexpr int L = lines_of(N);
    alignas(64) float out[N][L][kLanes];
    const int64_t filters = s.filters / s.groups;
    const int64_t width = round_up(s.width, kLanes);
    for (int64_t ry = 0; ry < axes.y.classes(); ++ry) {
        for (int64_t j = 0; j < axes.y.count(ry); j += L) {
            const int64_t lines = std::min<int64_t>(L, axes.y.count(ry) - j);
            for (int64_t rx = 0; rx < axes.x.classes(); ++rx) {
                int64_t count = 0;
                each_tap(axes, ry, rx, [&](int64_t tap, int64_t y, int64_t x) {
                    taps[count++] = {y * planes.pitch() + x, tap * filters * N, filters};
                });
                for (int64_t i = 0; i < axes.x.count(rx); i += kLanes) {
                    const int64_t pixels = std::min<int64_t>(kLanes, axes.x.count(rx) - i);
                    const float* from = dy + j * planes.pitch() + i;
                    if (pixels > kWidth) {
                        plane_tile<N, 2>(from, planes.pitch(), planes.plane(), filters, taps, count, w, out);
                    } else {
                        plane_tile<N, 1>(from, planes.pitch(), planes.plane(), filters, taps, count, w, out);
                    }
                    for (int64_t l = 0; l < N * lines; ++l) {
                        const float* sums = out[l / lines][l % lines];
                        float* to = rows + (l / lines * L + l % lines) * width + rx + i * axes.x.step();
                        for (int64_t p = 0; p < pixels; ++p) {
                            to[p * axes.x.step()] = sums[p];
                        }
                    }
                }
            }
            for (int64_t l = 0; l < N * lines; ++l) {
                finish(channel + l / lines, ry + (j + l % lines) * axes.y.step(),
                       rows + (l / lines * L + l % lines) * width);
            }
        }
    }
}

// The gradient of images [begin, end): finish(image, offset in the image, count, values) gets each piece of it once.
// Returns whether there was memory for it.
template <class Finish>
bool gradient_by_planes(const sp_convolution& s, const float* dy, const float* prepared, int64_t begin, int64_t end,
                        const Finish& finish) {
    const Axes axes = Axes::backward(s);
    const Planes planes{axes, s.filters};
    const int64_t row_floats = kSums * round_up(s.width, kLanes);
    void* memory = scratch(Pieces::bytes<Run>(axes.taps()) + Pieces::bytes<float>(row_floats)
                           + Pieces::bytes<float>(planes.elements()));
    if (memory == nullptr) {
        return false;
    }
    Pieces pieces(memory);
    Run* taps = pieces.take<Run>(axes.taps());
    float* rows = pieces.take<float>(row_floats);
    float* source = pieces.take<float>(0);
    const int64_t channels = s.channels / s.groups;
    const int64_t filters = s.filters / s.groups;
    for (int64_t image = begin; image < end; ++image) {
        planes.fill(dy + image * s.filters * axes.y.source * axes.x.source, s.bf16 != 0, source);
        const auto row = [&](int64_t channel, int64_t y, const float* values) {
            finish(image, (channel * s.height + y) * s.width, s.width, values);
        };
        for (int64_t c = 0; c < s.channels;) {
            const int64_t group = c / channels;
            const float* from = source + group * filters * planes.plane();
            // A block of channels begins where the weights of those before it end.
            const float* w = prepared + c * axes.taps() * filters;
            const int64_t together = std::min<int64_t>(kPlanes, (group + 1) * channels - c);
            switch (together) {
                case 1: plane_rows<1>(s, axes, planes, from, w, c, taps, rows, row); break;
                case 2: plane_rows<2>(s, axes, planes, from, w, c, taps, rows, row); break;
                case 3: plane_rows<3>(s, axes, planes, from, w, c, taps, rows, row); break;
                default: plane_rows<4>(s, axes, planes, from, w, c, taps, rows, row); break;
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
    if (by_planes(s)) {
        return gradient_by_planes(s, dy, w, begin, end, finish);
    }
    return by_pairs(s, s.filters / s.groups) ? gradient_by_pixels<uint16_t>(s, dy, w, begin, end, finish)
                                             : gradient_by_pixels<float>(s, dy, w, begin, end, finish);
}

}  // namespace sp::SP_LEVEL_NAMESPACE
