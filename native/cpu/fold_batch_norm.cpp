// scale = weight / sqrt(variance + epsilon), shift = bias - mean * scale (the rounded scale: its error cancels at the mean).
#include <algorithm>

#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

void fold_batch_norm(const FoldBatchNorm& a, int64_t begin, int64_t end) {
    const double epsilon = a.epsilon;
    for (int64_t c = begin * kBlock; c < std::min(a.channels, end * kBlock); ++c) {
        const double root = __builtin_sqrt(static_cast<double>(a.variance[c]) + epsilon);
        const float scale = static_cast<float>(static_cast<double>(a.weight[c]) / root);
        a.scale[c] = scale;
        a.shift[c] = static_cast<float>(static_cast<double>(a.bias[c])
                                        - static_cast<double>(a.mean[c]) * static_cast<double>(scale));
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
