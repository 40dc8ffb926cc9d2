// A step of Carlini and Wagner's attack (2017, section VI.A) of rows of d: keeps x where it is adversarial, and moves
// w by Adam down |x - origin|^2 + c max(f, -confidence), x = (tanh(w) + 1) / 2 = sigmoid(2 w).
#include <cstring>

#include "distance.h"
#include "elementary.h"
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

namespace {

// Whether the row is over: kept inside epsilon, where that is enough.
bool keep(const PenaltyStep& a, int64_t i, double square) {
    const double distance = with_allowance(a.d, std::sqrt(square));
    const bool inside = distance <= static_cast<double>(a.epsilon);
    const float objective = -static_cast<float>(distance);
    // Distances that are one float32 may lie on both sides of epsilon.
    if (objective > a.best_objective[i] || (inside && a.beaten[i] < 0)) {
        a.best_objective[i] = objective;
        std::memcpy(a.best_x + i * a.d, a.x + i * a.d, sizeof(float) * static_cast<size_t>(a.d));
        a.beaten[i] = inside ? a.step : -1;
    }
    return a.minimal == 0 && a.beaten[i] >= 0;
}

// c: of f in the gradient; 0 where f is constant. Kingma and Ba's beta1, beta2 and stabilizer.
void move(const PenaltyStep& a, float c, const float* __restrict gradient, const float* __restrict origin,
          float* __restrict x, float* __restrict w, float* __restrict first, float* __restrict second) {
    const float step_size = a.step_size;
    const float inverse_root = 1.0f / a.root_correction;
    const int64_t d = a.d;
    for (int64_t j = 0; j < d; ++j) {
        const float at = w[j];
        const float e = exp_of(at < 0 ? 2.0f * at : -2.0f * at);
        const float large = 1.0f / (1.0f + e);
        const float slope = 2.0f * large * (e * large);  // of x along w, without cancellation near the box
        const float pushed = c == 0.0f ? 0.0f : c * gradient[j];
        const float g = (2.0f * (x[j] - origin[j]) + pushed) * slope;
        const float m = multiply_add(0.9f, first[j], (1.0f - 0.9f) * g);
        const float v = multiply_add(0.999f, second[j], (1.0f - 0.999f) * (g * g));
        first[j] = m;
        second[j] = v;
        const float to = at - step_size * m / multiply_add(std::sqrt(v), inverse_root, 1e-8f);
        w[j] = to;
        const float rest = exp_of(to < 0 ? 2.0f * to : -2.0f * to);
        const float upper = 1.0f / (1.0f + rest);
        x[j] = to < 0 ? rest * upper : upper;
    }
}

}  // namespace

void penalty_step(const PenaltyStep& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        if (a.done[i] >= 0) {
            continue;
        }
        const int64_t at = i * a.d;
        float* state = a.state + i * SP_PENALTY_STATE;
        const float* x = a.x + at;
        const float* origin = a.origin + at;
        const float* gradient = a.gradient + at;
        const double square = sum_of(a.d, [=](int64_t j, int64_t count) {
            const Doubles delta = doubles_of(x + j, count) - doubles_of(origin + j, count);
            return delta * delta;
        });
        const float f = a.targeted != 0 ? a.value[i] : -a.value[i];
        if (f < 0.0f && f <= -a.confidence) {
            state[3] = 1.0f;
            if (keep(a, i, square)) {
                a.done[i] = a.step;
                continue;
            }
        }
        const bool active = f > -a.confidence;
        const double size = active ? sum_of(a.d, [=](int64_t j, int64_t count) {
            return size_of(doubles_of(gradient + j, count));
        }) : 0.0;
        if (active && size == 0.0) {
            ++a.zero_gradients[i];
        }
        if (a.check != 0) {
            const double excess = active ? static_cast<double>(f) + static_cast<double>(a.confidence) : 0.0;
            const double total = square + static_cast<double>(state[0]) * excess;
            if (total > 0.9999 * static_cast<double>(state[4])) {
                a.done[i] = a.step;
                continue;
            }
            state[4] = static_cast<float>(total);
        }
        const float c = size > 0.0 && std::isfinite(size) ? state[0] : 0.0f;
        move(a, c, gradient, origin, a.x + at, a.w + at, a.first + at, a.second + at);
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
