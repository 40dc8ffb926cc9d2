// x = clip(x + step_size * sign(gradient)) onto the L-inf ball about the origin and the box, rows of d, in place.
#include "linf_step.h"

#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

void linf_step(const Step& a, int64_t begin, int64_t end) {
    const Vec step_size = broadcast(a.step_size);
    const Vec epsilon = broadcast(a.epsilon);
    for (int64_t i = begin; i < end; ++i) {
        if (a.beaten != nullptr && a.beaten[i] >= 0) {
            continue;
        }
        float* x = a.x + i * a.d;
        const float* origin = a.origin + i * a.d;
        const float* g = a.gradient == nullptr ? nullptr : a.gradient + i * a.d;
        int32_t moved = 0;
        each_vector(a.d, [=, &moved](int64_t j, auto lanes) {
            const Vec from = load_first(origin + j, lanes);
            const Vec value = load_first(x + j, lanes);
            if (g == nullptr) {
                store_first(x + j, clip_linf(value, from, epsilon), lanes);
                return;
            }
            const Vec gradient = load_first(g + j, lanes);
            moved |= any_not_zero(gradient);
            store_first(x + j, linf_stepped(value, gradient, from, step_size, epsilon), lanes);
        });
        if (a.zero_gradients != nullptr && g != nullptr && moved == 0) {
            ++a.zero_gradients[i];
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
