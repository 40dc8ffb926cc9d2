// y = the largest value of each window, chosen = where it lies: x and y channels last. Ties: the first; of values that are
// not numbers, the first of those.
#include "level.h"
#include "pooling.h"

namespace sp::SP_LEVEL_NAMESPACE {

namespace {

void take_larger(int64_t channels, int32_t position, const float* __restrict x, float* __restrict y,
                 int32_t* __restrict chosen) {
    for (int64_t c = 0; c < channels; ++c) {
        // Not (x <= y): x is larger, or one of them is not a number; y == y: that is x.
        const bool larger = !(x[c] <= y[c]) & (y[c] == y[c]);
        y[c] = larger ? x[c] : y[c];
        chosen[c] = larger ? position : chosen[c];
    }
}

}  // namespace

void max_pool(const MaxPool& a, int64_t begin, int64_t end) {
    const sp_pooling& s = *a.shape;
    const Windows windows{s};
    const int64_t outputs = windows.rows() * windows.columns();
    for (int64_t i = begin; i < end; ++i) {
        const float* x = a.x + i * s.height * s.width * s.channels;
        for (int64_t o = 0; o < outputs; ++o) {
            float* y = a.y + (i * outputs + o) * s.channels;
            int32_t* chosen = a.chosen + (i * outputs + o) * s.channels;
            bool first = true;
            windows.pixels(o / windows.columns(), o % windows.columns(), [&](int64_t position) {
                if (first) {
                    std::memcpy(y, x + position * s.channels, sizeof(float) * static_cast<size_t>(s.channels));
                    std::fill(chosen, chosen + s.channels, static_cast<int32_t>(position));
                    first = false;
                } else {
                    take_larger(s.channels, static_cast<int32_t>(position), x + position * s.channels, y, chosen);
                }
            });
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
