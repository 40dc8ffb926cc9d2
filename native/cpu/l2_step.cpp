// x = project(x + step_size * g / |g|_2), rows of d, in place. The norm is taken of g / max|g|: no under- or overflow. A row
// whose gradient is not all finite is only projected.
#include "operations.h"
#include "project.h"

namespace sp::SP_LEVEL_NAMESPACE {

void l2_step(const Step& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        if (a.beaten != nullptr && a.beaten[i] >= 0) {
            continue;
        }
        float* x = a.x + i * a.d;
        if (a.gradient != nullptr) {
            const float* g = a.gradient + i * a.d;
            Vec sizes = zero();
            int32_t moved = 0;
            each_vector(a.d, [g, &sizes, &moved](int64_t j, auto lanes) {
                const Vec value = load_first(g + j, lanes);
                sizes = larger(where_positive(value, value, zero() - value), sizes);  // a NaN is passed over
                moved |= any_not_zero(value);
            });
            const float largest = largest_lane(sizes);
            const double norm = std::sqrt(sum_of(a.d, [g, largest](int64_t j, int64_t count) {
                const Doubles scaled = doubles_of(g + j, count) / static_cast<double>(largest);
                return scaled * scaled;
            }));
            const double factor = static_cast<double>(a.step_size) / norm / static_cast<double>(largest);
            // Not finite: the gradient is zero, or not all of it is numbers.
            if (std::isfinite(factor)) {
                for (int64_t j = 0; j < a.d; ++j) {
                    x[j] = static_cast<float>(static_cast<double>(x[j]) + static_cast<double>(g[j]) * factor);
                }
            }
            if (a.zero_gradients != nullptr && moved == 0) {
                ++a.zero_gradients[i];
            }
        }
        project_l2(a.d, a.origin + i * a.d, a.epsilon, x);
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
