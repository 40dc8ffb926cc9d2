// Softmax cross-entropy from logits, loss and logit gradient in one pass, in log-space; rows of c.
//
// rescaled: the gradient divided by exp(max_{i != y} z_i - log sum exp z) > 0. Attack steps are free of scale, and this
// form neither underflows nor cancels for confident models, where 1 - p is zero in float32 (cleverhans issue 350).
#include <cmath>

#include "elementary.h"
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

void softmax_cross_entropy(const LossFromLogits& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        const float* z = a.z + i * a.c;
        const int32_t label = a.labels[i];
        float other = -INFINITY;  // the largest logit of the other classes
        for (int64_t j = 0; j < a.c; ++j) {
            other = j != label && z[j] > other ? z[j] : other;
        }
        const float largest = z[label] > other ? z[label] : other;
        float others = 0.0f;
        for (int64_t j = 0; j < a.c; ++j) {
            others += j != label ? exp_of(z[j] - largest) : 0.0f;
        }
        const float sum = others + exp_of(z[label] - largest);
        if (a.loss != nullptr) {
            // log(1 + others) without adding: a confident example keeps a loss above zero, and attacks keep comparing.
            a.loss[i] = largest == z[label]
                    ? static_cast<float>(std::log1p(static_cast<double>(others)))
                    : static_cast<float>(std::log(static_cast<double>(sum))) + (largest - z[label]);
        }
        if (a.gradient == nullptr) {
            continue;
        }
        float* gradient = a.gradient + i * a.c;
        const float reference = a.rescaled != 0 ? other : largest;
        const float scale = a.rescaled != 0 ? a.factor : a.factor / sum;
        float total = 0.0f;
        for (int64_t j = 0; j < a.c; ++j) {
            if (j != label) {
                gradient[j] = exp_of(z[j] - reference) * scale;
                total += gradient[j];
            }
        }
        gradient[label] = -total;
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
