// Losses towards one class, with their logit gradients: the difference of logits ratio (Croce and Hein 2020, equations 6 and
// 7) and the margin to the class; rows of c. In double, rounded once.
#include "operations.h"
#include "rank.h"

namespace sp::SP_LEVEL_NAMESPACE {

void target_loss(const TargetLoss& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        const float* z = a.z + i * a.c;
        const int64_t label = a.labels[i];
        const int64_t target = a.targets != nullptr ? a.targets[i] : next_class(z, a.c, label, -1);
        const double gap = static_cast<double>(z[target]) - static_cast<double>(z[label]);
        int64_t first = 0;
        int64_t third = 0;
        int64_t fourth = 0;
        double push = 1.0;  // of the gap on the loss: 1 / spread
        double pull = 0.0;  // of the spread: gap / spread^2
        if (a.kind == SP_DLR) {
            first = next_class(z, a.c, -1, -1);
            third = next_class(z, a.c, -1, next_class(z, a.c, -1, first));
            fourth = a.targets != nullptr ? next_class(z, a.c, -1, third) : third;
            const double low = 0.5 * (static_cast<double>(z[third]) + static_cast<double>(z[fourth]));
            push = 1.0 / (static_cast<double>(z[first]) - low + 1e-12);
            pull = gap * push * push;
        }
        if (a.loss != nullptr) {
            a.loss[i] = static_cast<float>(gap * push);
        }
        if (a.gradient != nullptr) {
            float* gradient = a.gradient + i * a.c;
            for (int64_t j = 0; j < a.c; ++j) {
                const double direct = (j == target ? push : 0.0) - (j == label ? push : 0.0);
                const double low = (j == third ? 0.5 * pull : 0.0) + (j == fourth ? 0.5 * pull : 0.0);
                gradient[j] = static_cast<float>(static_cast<double>(a.factor) *
                                                 (direct - (j == first ? pull : 0.0) + low));
            }
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
