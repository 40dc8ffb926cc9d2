// gradient += (loss - base) * (x - point), rows of d.
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

void nes_estimate(const NesEstimate& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        if (a.done != nullptr && a.done[i] >= 0) {
            continue;
        }
        const float* point = a.point + i * a.d;
        const float* x = a.x + i * a.d;
        float* gradient = a.gradient + i * a.d;
        const double rise = static_cast<double>(a.loss[i]) - static_cast<double>(a.base[i]);
        for (int64_t j = 0; j < a.d; ++j) {
            const double before = a.first != 0 ? 0.0 : static_cast<double>(gradient[j]);
            const double way = static_cast<double>(x[j]) - static_cast<double>(point[j]);
            gradient[j] = static_cast<float>(before + rise * way);
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
