// The sparse L1 step (SLIDE, Tramer and Boneh 2019): step_size is shared equally by the `top` coordinates of largest
// |gradient| among those that can still move (the box does not block their direction), ties by index; then x is
// projected onto ball and box together. Rows of d, in place.
#include <vector>

#include "operations.h"
#include "project.h"

namespace sp::SP_LEVEL_NAMESPACE {

void l1_step(const Step& a, int64_t begin, int64_t end) {
    std::vector<int64_t> free;
    free.reserve(static_cast<size_t>(a.gradient != nullptr ? a.d : 0));
    for (int64_t i = begin; i < end; ++i) {
        if (a.beaten != nullptr && a.beaten[i] >= 0) {
            continue;
        }
        float* x = a.x + i * a.d;
        if (a.gradient != nullptr) {
            const float* g = a.gradient + i * a.d;
            bool moved = false;
            free.clear();
            for (int64_t j = 0; j < a.d; ++j) {
                moved |= g[j] != 0.0f;
                if ((g[j] > 0 && x[j] < 1.0f) || (g[j] < 0 && x[j] > 0.0f)) {
                    free.push_back(j);
                }
            }
            const int64_t count = std::min<int64_t>(a.top, static_cast<int64_t>(free.size()));
            if (count > 0) {
                std::nth_element(free.begin(), free.begin() + (count - 1), free.end(), [g](int64_t left, int64_t right) {
                    const float l = g[left] < 0 ? -g[left] : g[left];
                    const float r = g[right] < 0 ? -g[right] : g[right];
                    return l != r ? l > r : left < right;
                });
                const float share = a.step_size / static_cast<float>(count);
                for (int64_t k = 0; k < count; ++k) {
                    const int64_t j = free[static_cast<size_t>(k)];
                    x[j] += share * sign_of(g[j]);
                }
            }
            if (a.zero_gradients != nullptr && !moved) {
                ++a.zero_gradients[i];
            }
        }
        project_l1(a.d, a.origin + i * a.d, a.epsilon, x);
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
