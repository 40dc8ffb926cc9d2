// Packs a convolution's weights (filters x channels / groups x kernel rows x kernel columns) for forward, and for the
// input gradient.
#include "convolution.h"

namespace sp::SP_LEVEL_NAMESPACE {

namespace {

// Weights by place: group, sum's channel, output's channel, tap.
struct Source {
    const sp_convolution& s;
    const float* w;
    bool backward;

    int64_t channels() const { return s.channels / s.groups; }
    int64_t filters() const { return s.filters / s.groups; }
    int64_t taps() const { return s.kernel_height * s.kernel_width; }

    float at(int64_t group, int64_t k, int64_t column, int64_t tap) const {
        const int64_t filter = group * filters() + (backward ? k : column);
        const float value = w[(filter * channels() + (backward ? column : k)) * taps() + tap];
        return s.bf16 != 0 ? rounded(value) : value;
    }
};

// One panel of a form [group][panel][tap][depth][kPanel], or by pairs.
void pack(const Source& from, int64_t unit, float* form) {
    const int64_t channels = from.backward ? from.filters() : from.channels();
    const int64_t columns = from.backward ? from.channels() : from.filters();
    const int64_t panels = (columns + kPanel - 1) / kPanel;
    const int64_t depth = depth_of(from.s, channels);
    const bool pairs = by_pairs(from.s, channels);
    const int64_t start = unit * from.taps() * depth * kPanel;
    for (int64_t tap = 0; tap < from.taps(); ++tap) {
        for (int64_t k = 0; k < depth; ++k) {
            for (int64_t c = 0; c < kPanel; ++c) {
                const int64_t column = unit % panels * kPanel + c;
                const float value = column < columns && k < channels ? from.at(unit / panels, k, column, tap) : 0.0f;
                if (pairs) {
                    reinterpret_cast<uint16_t*>(form)[start + (tap * depth + k / 2 * 2) * kPanel + 2 * c + k % 2] =
                        bf16_of(value);
                } else {
                    form[start + (tap * depth + k) * kPanel + c] = value;
                }
            }
        }
    }
}

// One group of a form [group][block of kPlanes channels][tap][filter][channel], or by pairs of filters.
void pack_planes(const Source& from, int64_t group, float* form) {
    const int64_t planes = planes_of(from.s);
    const bool pairs = by_pairs(from.s, from.filters());
    float* out = form + group * from.taps() * planes * from.channels();
    for (int64_t first = 0; first < from.channels(); first += kPlanes) {
        const int64_t end = std::min(first + kPlanes, from.channels());
        for (int64_t tap = 0; tap < from.taps(); ++tap) {
            for (int64_t f = 0; f < planes; ++f) {
                for (int64_t c = first; c < end; ++c, ++out) {
                    if (pairs) {
                        const float high = 2 * f + 1 < from.filters() ? from.at(group, 2 * f + 1, c, tap) : 0.0f;
                        const uint16_t pair[] = {bf16_of(from.at(group, 2 * f, c, tap)), bf16_of(high)};
                        std::memcpy(out, pair, sizeof pair);
                    } else {
                        *out = from.at(group, f, c, tap);
                    }
                }
            }
        }
    }
}

}  // namespace

void convolution_prepared_length(const ConvolutionPreparedLength& a, int64_t, int64_t) {
    *a.length = round_up(forward_floats(*a.shape), kPanel) + backward_floats(*a.shape);
}

void convolution_prepare(const ConvolutionPrepare& a, int64_t begin, int64_t end) {
    const sp_convolution& s = *a.shape;
    const Source forward{s, a.w, false};
    const Source backward{s, a.w, true};
    const int64_t forward_units = s.groups * ((forward.filters() + kPanel - 1) / kPanel);
    float* second = a.prepared + round_up(forward_floats(s), kPanel);
    for (int64_t unit = begin; unit < end; ++unit) {
        if (unit < forward_units) {
            pack(forward, unit, a.prepared);
        } else if (by_planes(s)) {
            pack_planes(backward, unit - forward_units, second);
        } else {
            pack(backward, unit - forward_units, second);
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
