// y = x * scale[channel] + shift[channel]: normalisation forward, and with no shift its input gradient.
#include "level.h"
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

void scale_shift(const ScaleShift& a, int64_t begin, int64_t end) {
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
