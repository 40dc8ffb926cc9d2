// y = the mean of each window, summed over rows, then columns; and its gradient: x and y channels last.
#include "activation.h"
#include "pooling.h"

namespace sp::SP_LEVEL_NAMESPACE {

void average_pool(const AveragePool& a, int64_t begin, int64_t end) {
    const sp_pooling& s = *a.shape;
    const Windows windows{s};
    const int64_t outputs = windows.rows() * windows.columns();
    for (int64_t i = begin; i < end; ++i) {
        const float* x = a.x + i * s.height * s.width * s.channels;
        for (int64_t o = 0; o < outputs; ++o) {
            float* __restrict y = a.y + (i * outputs + o) * s.channels;
            std::memset(y, 0, sizeof(float) * static_cast<size_t>(s.channels));
            windows.pixels(o / windows.columns(), o % windows.columns(), [&](int64_t position) {
                const float* __restrict from = x + position * s.channels;
                for (int64_t c = 0; c < s.channels; ++c) {
                    y[c] += from[c];
                }
            });
            const float size = windows.size(o / windows.columns(), o % windows.columns());
            for (int64_t c = 0; c < s.channels; ++c) {
                y[c] /= size;
            }
        }
    }
}

// dx = (the gradient with respect to x) * activation'(y_before); an input in several windows sums them in their order.
void average_pool_gradient(const AveragePoolGradient& a, int64_t begin, int64_t end) {
    const sp_pooling& s = *a.shape;
    const Windows windows{s};
    const int64_t outputs = windows.rows() * windows.columns();
    const int64_t values = s.height * s.width * s.channels;
    for (int64_t i = begin; i < end; ++i) {
        float* dx = a.dx + i * values;
        std::memset(dx, 0, sizeof(float) * static_cast<size_t>(values));
        for (int64_t o = 0; o < outputs; ++o) {
            const float* __restrict dy = a.dy + (i * outputs + o) * s.channels;
            const float size = windows.size(o / windows.columns(), o % windows.columns());
            windows.pixels(o / windows.columns(), o % windows.columns(), [&](int64_t position) {
                float* __restrict to = dx + position * s.channels;
                for (int64_t c = 0; c < s.channels; ++c) {
                    to[c] += dy[c] / size;
                }
            });
        }
        if (a.activation != SP_IDENTITY) {
            activation_derivative(a.activation, a.slope, values, a.y_before + i * values, dx, dx);
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
