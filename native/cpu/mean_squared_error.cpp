// loss = 1/c * sum over classes of (z_j - [j = y])^2 and its logit gradient, rows of c.
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

void mean_squared_error(const LossFromLogits& a, int64_t begin, int64_t end) {
    const float share = 1.0f / static_cast<float>(a.c);
    for (int64_t i = begin; i < end; ++i) {
        const float* z = a.z + i * a.c;
        float sum = 0.0f;
        for (int64_t j = 0; j < a.c; ++j) {
            const float error = z[j] - (j == a.labels[i] ? 1.0f : 0.0f);
            sum += error * error;
            if (a.gradient != nullptr) {
                a.gradient[i * a.c + j] = a.factor * (2.0f * share * error);
            }
        }
        if (a.loss != nullptr) {
            a.loss[i] = sum * share;
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
