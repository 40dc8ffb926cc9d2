// MI-FGSM's memory (Dong et al. 2018, equation 6): momentum = decay momentum + g / |g|_1, rows of d, in place. All in double. A
// gradient that is zero throughout, or not all finite, adds nothing.
#include "distance.h"
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

void momentum(const Momentum& a, int64_t begin, int64_t end) {
    const double decay = a.decay;
    for (int64_t i = begin; i < end; ++i) {
        if (a.beaten != nullptr && a.beaten[i] >= 0) {
            continue;
        }
        const float* __restrict g = a.gradient + i * a.d;
        float* __restrict m = a.momentum + i * a.d;
        const double size = sum_of(a.d, [g](int64_t j, int64_t count) { return size_of(doubles_of(g + j, count)); });
        if (size > 0.0 && std::isfinite(size)) {
            const double factor = 1.0 / size;
            for (int64_t j = 0; j < a.d; ++j) {
                m[j] = static_cast<float>(decay * static_cast<double>(m[j]) + static_cast<double>(g[j]) * factor);
            }
            continue;
        }
        for (int64_t j = 0; j < a.d; ++j) {
            m[j] = static_cast<float>(decay * static_cast<double>(m[j]));
        }
        if (a.zero_gradients != nullptr && size == 0.0) {
            ++a.zero_gradients[i];
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
