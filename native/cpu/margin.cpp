// The margin loss max_{i != y} z_i - z_y (Carlini and Wagner 2017, f6 without the floor), its logit gradient, and the
// arg max; rows of c; ties go to the lowest class.
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

namespace {

// The class of the largest logit, `skipped` left out (-1: none); -1 if there is none.
int64_t largest(const float* z, int64_t c, int64_t skipped) {
    int64_t best = -1;
    for (int64_t j = 0; j < c; ++j) {
        if (j != skipped && (best < 0 || z[j] > z[best])) {
            best = j;
        }
    }
    return best;
}

}  // namespace

void margin(const LossFromLogits& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        const float* z = a.z + i * a.c;
        const int64_t label = a.labels[i];
        const int64_t other = largest(z, a.c, label);
        if (a.loss != nullptr) {
            a.loss[i] = other < 0 ? 0.0f : z[other] - z[label];
        }
        if (a.gradient != nullptr) {
            float* gradient = a.gradient + i * a.c;
            for (int64_t j = 0; j < a.c; ++j) {
                gradient[j] = 0.0f;
            }
            if (other >= 0) {
                gradient[other] = a.factor;
                gradient[label] = -a.factor;
            }
        }
    }
}

void arg_max(const ArgMax& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        a.out[i] = static_cast<int32_t>(largest(a.z + i * a.c, a.c, -1));
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
