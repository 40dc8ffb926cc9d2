// APGD's step with momentum (Croce and Hein 2020, algorithm 1, lines 7 and 8), rows of d, in place: z = project(x + step size *
// direction of g), x = project(x + momentum (z - x) + (1 - momentum) (x - previous)).
#include <cstring>

#include "operations.h"
#include "project.h"

namespace sp::SP_LEVEL_NAMESPACE {

namespace {

inline float mixed(float x, float z, float previous, float momentum) {
    return (x + momentum * (z - x)) + (1.0f - momentum) * (x - previous);
}

bool step_linf(const AscentStep& a, float step_size, const float* g, const float* origin, float* previous, float* x) {
    const Vec length = broadcast(step_size);
    const Vec epsilon = broadcast(a.epsilon);
    const Vec momentum = broadcast(a.momentum);
    const Vec rest = broadcast(1.0f - a.momentum);
    int32_t moved = 0;
    each_vector(a.d, [=, &moved](int64_t j, auto lanes) {
        const Vec from = load_first(origin + j, lanes);
        const Vec value = load_first(x + j, lanes);
        const Vec gradient = load_first(g + j, lanes);
        moved |= any_not_zero(gradient);
        const Vec z = linf_stepped(value, gradient, from, length, epsilon);
        const Vec along = value + momentum * (z - value);
        const Vec v = along + rest * (value - load_first(previous + j, lanes));
        store_first(previous + j, value, lanes);
        store_first(x + j, clip_linf(v, from, epsilon), lanes);
    });
    return moved != 0;
}

bool step_l2(const AscentStep& a, float step_size, const float* g, const float* origin, float* z, float* previous,
             float* x) {
    int32_t zeros = 0;
    std::memcpy(z, x, sizeof(float) * static_cast<size_t>(a.d));
    l2_step(Step{a.d, g, origin, step_size, a.epsilon, 0, nullptr, &zeros, z}, 0, 1);
    for (int64_t j = 0; j < a.d; ++j) {
        const float v = mixed(x[j], z[j], previous[j], a.momentum);
        previous[j] = x[j];
        x[j] = v;
    }
    project_l2(a.d, origin, a.epsilon, x);
    return zeros == 0;
}

}  // namespace

void ascent_step(const AscentStep& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        if (a.beaten != nullptr && a.beaten[i] >= 0) {
            continue;
        }
        const int64_t at = i * a.d;
        const float step_size = a.state[i * SP_ASCENT_STATE];
        const bool moved =
                a.norm == SP_L2
                        ? step_l2(a, step_size, a.gradient + at, a.origin + at, a.workspace + at, a.previous + at, a.x + at)
                        : step_linf(a, step_size, a.gradient + at, a.origin + at, a.previous + at, a.x + at);
        if (a.zero_gradients != nullptr && !moved) {
            ++a.zero_gradients[i];
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
