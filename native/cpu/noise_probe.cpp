// x = clip(point + scale * u) onto the box, u a random draw; rows of d.
#include "distance.h"
#include "gaussian.h"
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

void noise_probe(const NoiseProbe& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        if (a.done != nullptr && a.done[i] >= 0) {
            continue;
        }
        const float* point = a.point + i * a.d;
        float* x = a.x + i * a.d;
        if (a.draw == SP_CUBE) {
            philox_each(a.seed, 0, a.indices[i], a.number, a.stream, a.d,
                        [x](int64_t j, uint32_t word) { x[j] = 2.0f * uniform_of(word) - 1.0f; });
        } else {
            gaussian_row(a.d, a.indices[i], a.seed, a.stream, a.number, x);
        }
        double scale = static_cast<double>(a.scale);
        if (a.scales != nullptr) {
            scale *= static_cast<double>(a.scales[i]);
        }
        if (a.draw != SP_GAUSSIAN) {
            const double length = std::sqrt(sum_of(a.d, [x](int64_t j, int64_t count) {
                const Doubles value = doubles_of(x + j, count);
                return value * value;
            }));
            scale = length > 0.0 ? scale / length : 0.0;
        }
        for (int64_t j = 0; j < a.d; ++j) {
            x[j] = clip_box(static_cast<float>(static_cast<double>(point[j]) + scale * static_cast<double>(x[j])));
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
