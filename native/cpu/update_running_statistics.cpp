// r = (1 - momentum) r + momentum s, in double, with the unbiased variance.
#include <algorithm>

#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

void update_running_statistics(const UpdateRunningStatistics& a, int64_t begin, int64_t end) {
    const double momentum = a.momentum;
    const double unbiased = static_cast<double>(a.rows) / static_cast<double>(a.rows - 1);
    for (int64_t c = begin * kBlock; c < std::min(a.channels, end * kBlock); ++c) {
        const auto move = [momentum](float running, double s) {
            return static_cast<float>((1.0 - momentum) * static_cast<double>(running) + momentum * s);
        };
        a.running_mean[c] = move(a.running_mean[c], static_cast<double>(a.mean[c]));
        if (a.rows > 1) {
            a.running_variance[c] = move(a.running_variance[c], static_cast<double>(a.variance[c]) * unbiased);
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
