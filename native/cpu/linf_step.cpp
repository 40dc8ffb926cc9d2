// x = clip(x + step_size * sign(gradient)) onto the L-inf ball about the origin and the box, rows of d, in place.
#include "linf_step.h"

#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

void linf_step(const Step& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        if (a.beaten != nullptr && a.beaten[i] >= 0) {
            continue;
        }
        float* __restrict x = a.x + i * a.d;
        const float* __restrict origin = a.origin + i * a.d;
        const float step_size = a.step_size;
        const float epsilon = a.epsilon;
        if (a.gradient == nullptr) {
            for (int64_t j = 0; j < a.d; ++j) {
                x[j] = clip_linf(x[j], origin[j], epsilon);
            }
            continue;
        }
        const float* __restrict g = a.gradient + i * a.d;
        int32_t moved = 0;
        for (int64_t j = 0; j < a.d; ++j) {
            moved |= static_cast<int32_t>(g[j] != 0.0f);
            x[j] = linf_stepped(x[j], g[j], origin[j], step_size, epsilon);
        }
        if (a.zero_gradients != nullptr && moved == 0) {
            ++a.zero_gradients[i];
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
