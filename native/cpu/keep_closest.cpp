// FAB's choice: the closest misclassified iterate an example, which then is drawn back towards the origin. Rows of d, logits
// of c.
#include <cstring>

#include "distance.h"
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

void keep_closest(const KeepClosest& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        if (a.minimal == 0 && a.beaten[i] >= 0) {
            continue;
        }
        int32_t predicted = 0;
        arg_max(ArgMax{a.c, a.z + i * a.c, &predicted}, 0, 1);
        if (predicted == a.labels[i]) {
            continue;
        }
        const float* origin = a.origin + i * a.d;
        float* x = a.x + i * a.d;
        const double distance = a.norm == SP_LINF ? distance_linf(a.d, x, origin)
                                                  : with_allowance(a.d, distance_l2(a.d, x, origin));
        const bool inside = distance <= static_cast<double>(a.epsilon);
        const float objective = -static_cast<float>(distance);
        // Distances that are one float32 may lie on both sides of epsilon.
        if (objective > a.best_objective[i] || (inside && a.beaten[i] < 0)) {
            a.best_objective[i] = objective;
            std::memcpy(a.best_x + i * a.d, x, sizeof(float) * static_cast<size_t>(a.d));
            a.beaten[i] = inside ? a.step : -1;
        }
        for (int64_t j = 0; j < a.d; ++j) {
            const double from = origin[j];
            x[j] = clip_box(static_cast<float>(from + (static_cast<double>(x[j]) - from) * static_cast<double>(a.pull)));
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
