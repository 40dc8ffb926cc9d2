// The best iterate an example: the first that is misclassified (targeted: hits its target), else the one of the highest
// objective so far. Once beaten a row is frozen, so stopping early on it changes nothing. Rows of d, logits of c.
#include <cstring>

#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

void keep_iterate(const KeepIterate& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        if (a.beaten[i] >= 0) {
            continue;
        }
        int32_t predicted = 0;
        arg_max(ArgMax{a.c, a.z + i * a.c, &predicted}, 0, 1);
        const bool success = (predicted == a.labels[i]) == (a.targeted != 0);
        const float objective = a.targeted != 0 ? -a.loss[i] : a.loss[i];
        if (success || objective > a.best_objective[i]) {
            a.best_objective[i] = objective;
            std::memcpy(a.best_x + i * a.d, a.x + i * a.d, sizeof(float) * static_cast<size_t>(a.d));
        }
        if (success) {
            a.beaten[i] = a.step;
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
