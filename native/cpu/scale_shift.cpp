// y = x * scale[channel] + shift[channel]: normalisation forward, and with no shift its input gradient.
#include "level.h"
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

namespace {

constexpr int64_t kPattern = 512;

// Channels last: few of them are repeated until they make a loop that is worth its vectors.
void scale_shift_rows(const ScaleShift& a, int64_t begin, int64_t end) {
    alignas(64) float scales[kPattern];
    alignas(64) float shifts[kPattern];
    const int64_t channels = a.channels;
    const int64_t together = channels <= kPattern ? kPattern / channels : 1;
    const float* scale = a.scale;
    const float* shift = a.shift;
    if (channels <= kPattern) {
        for (int64_t c = 0; c < together * channels; ++c) {
            scales[c] = a.scale[c % channels];
            shifts[c] = a.shift != nullptr ? a.shift[c % channels] : 0.0f;
        }
        scale = scales;
        shift = shifts;
    }
    for (int64_t row = begin; row < end; row += together) {
        const int64_t count = channels * (end - row < together ? end - row : together);
        const float* x = a.x + row * channels;
        float* y = a.y + row * channels;
        if (shift != nullptr) {
            for (int64_t j = 0; j < count; ++j) {
                y[j] = multiply_add(x[j], scale[j], shift[j]);
            }
        } else {
            for (int64_t j = 0; j < count; ++j) {
                y[j] = multiply_add(x[j], scale[j], 0.0f);
            }
        }
    }
}

}  // namespace

void scale_shift(const ScaleShift& a, int64_t begin, int64_t end) {
    if (a.size == 1) {
        scale_shift_rows(a, begin, end);
        return;
    }
    for (int64_t row = begin * a.channels; row < end * a.channels; ++row) {
        const float scale = a.scale[row % a.channels];
        const float shift = a.shift != nullptr ? a.shift[row % a.channels] : 0.0f;
        const float* x = a.x + row * a.size;
        float* y = a.y + row * a.size;
        for (int64_t j = 0; j < a.size; ++j) {
            y[j] = multiply_add(x[j], scale, shift);
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
