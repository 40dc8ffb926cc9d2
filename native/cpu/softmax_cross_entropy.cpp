// Softmax cross-entropy from logits, loss and logit gradient in one pass, in log-space; rows of c.
//
// rescaled: the gradient divided by exp(max_{i != y} z_i - log sum exp z) > 0. Attack steps are free of scale, and this
// form neither underflows nor cancels for confident models, where 1 - p is zero in float32 (cleverhans issue 350).
//
// Sums are of one class after another; what they sum is computed a vector at a time.
#include <cmath>

#include "elementary.h"
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

namespace {

// Calls use(class, logits, lanes, others) for vectors of a row's logits; others: the classes there are but the label.
template <class Use>
inline void each_vector_of_classes(int64_t c, const float* z, int64_t label, Use use) {
    each_vector(c, [=](int64_t j, auto lanes) {
        const VecBits numbers = lane_numbers();
        const VecBits others = (numbers < static_cast<int>(lanes)) & (numbers != static_cast<int32_t>(label - j));
        use(j, load_first(z + j, lanes), lanes, others);
    });
}

// sum + the lanes of v, one after another.
inline float add_lanes(float sum, Vec v, int lanes) {
    alignas(64) float values[kWidth];
    store(values, v);
    for (int l = 0; l < lanes; ++l) {
        sum += values[l];
    }
    return sum;
}

}  // namespace

void softmax_cross_entropy(const LossFromLogits& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        const float* z = a.z + i * a.c;
        const int64_t label = a.labels[i];
        const float own = z[label];
        Vec most = broadcast(-INFINITY);
        each_vector_of_classes(a.c, z, label, [&most](int64_t, Vec logits, auto, VecBits others) {
            most = larger(others ? logits : broadcast(-INFINITY), most);
        });
        const float other = largest_lane(most);  // the largest logit of the other classes
        const float largest = own > other ? own : other;
        float sum = 0.0f;
        if (a.loss != nullptr || a.rescaled == 0) {
            float others = 0.0f;
            each_vector_of_classes(a.c, z, label, [&, largest](int64_t, Vec logits, auto lanes, VecBits which) {
                others = add_lanes(others, which ? exp_of(logits - broadcast(largest)) : zero(), lanes);
            });
            sum = others + exp_of(own - largest);
            if (a.loss != nullptr) {
                // log(1 + others) without adding: a confident example keeps a loss above zero, and attacks keep comparing.
                a.loss[i] = largest == own ? static_cast<float>(std::log1p(static_cast<double>(others)))
                                           : static_cast<float>(std::log(static_cast<double>(sum))) + (largest - own);
            }
        }
        if (a.gradient == nullptr) {
            continue;
        }
        float* gradient = a.gradient + i * a.c;
        const float reference = a.rescaled != 0 ? other : largest;
        const float scale = a.rescaled != 0 ? a.factor : a.factor / sum;
        float total = 0.0f;
        each_vector_of_classes(a.c, z, label, [=, &total](int64_t j, Vec logits, auto lanes, VecBits others) {
            const Vec share = exp_of(logits - broadcast(reference)) * broadcast(scale);
            store_first(gradient + j, share, lanes);
            total = add_lanes(total, others ? share : zero(), lanes);
        });
        gradient[label] = -total;
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
