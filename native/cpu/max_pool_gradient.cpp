// dx = (the gradient of max_pool with respect to its input) * activation'(y_before). An input in several windows sums them
// in the order of the outputs.
#include "activation.h"
#include "pooling.h"

namespace sp::SP_LEVEL_NAMESPACE {

namespace {

void add_chosen(int64_t channels, int32_t position, const float* __restrict dy, const int32_t* __restrict chosen,
                float* __restrict dx) {
    for (int64_t c = 0; c < channels; ++c) {
        dx[c] += chosen[c] == position ? dy[c] : 0.0f;
    }
}

}  // namespace

void max_pool_gradient(const MaxPoolGradient& a, int64_t begin, int64_t end) {
    const sp_pooling& s = *a.shape;
    const Windows windows{s};
    const int64_t outputs = windows.rows() * windows.columns();
    const int64_t values = s.height * s.width * s.channels;
    for (int64_t i = begin; i < end; ++i) {
        float* dx = a.dx + i * values;
        std::memset(dx, 0, sizeof(float) * static_cast<size_t>(values));
        for (int64_t o = 0; o < outputs; ++o) {
            const int64_t at = (i * outputs + o) * s.channels;
            windows.pixels(o / windows.columns(), o % windows.columns(), [&](int64_t position) {
                add_chosen(s.channels, static_cast<int32_t>(position), a.dy + at, a.chosen + at,
                           dx + position * s.channels);
            });
        }
        if (a.activation != SP_IDENTITY) {
            activation_derivative(a.activation, a.slope, values, a.y_before + i * values, dx, dx);
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
