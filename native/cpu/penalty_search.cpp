// The binary search of Carlini and Wagner's attack (2017, section VI.A) for each row's c, and a new start at its origin.
#include <cmath>

#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

void penalty_search(const PenaltySearch& a, int64_t begin, int64_t end) {
    const float unbounded = 1e10f;
    for (int64_t i = begin; i < end; ++i) {
        a.done[i] = a.minimal == 0 && a.beaten[i] >= 0 ? a.beaten[i] : -1;
        if (a.done[i] >= 0) {
            continue;
        }
        float* state = a.state + i * SP_PENALTY_STATE;
        if (a.begins != 0) {
            state[0] = a.initial;
            state[1] = 0.0f;
            state[2] = unbounded;
        } else {
            const bool found = state[3] != 0.0f;
            state[found ? 2 : 1] = state[0];
            state[0] = state[2] < unbounded ? 0.5f * (state[1] + state[2]) : std::fmin(10.0f * state[0], unbounded);
        }
        state[3] = 0.0f;
        state[4] = INFINITY;
        for (int64_t j = i * a.d; j < (i + 1) * a.d; ++j) {
            const float x = a.origin[j];
            const double u = (1.0 - 1e-6) * (2.0 * static_cast<double>(x) - 1.0);  // tanh reaches neither end
            a.x[j] = x;
            a.w[j] = static_cast<float>(0.5 * std::log((1.0 + u) / (1.0 - u)));
            a.first[j] = 0.0f;
            a.second[j] = 0.0f;
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
