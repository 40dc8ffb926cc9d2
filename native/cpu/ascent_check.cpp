// APGD's account of every row (Croce and Hein 2020, section 3.2): the best x with its gradient, how often the loss rose, and
// at a checkpoint whether to halve the step size and go on from the best; rows of d. The state's places: saddlepoint.h.
#include <cstring>

#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

void ascent_check(const AscentCheck& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        if (a.beaten != nullptr && a.beaten[i] >= 0) {
            continue;
        }
        float* state = a.state + i * SP_ASCENT_STATE;
        const int64_t at = i * a.d;
        const size_t bytes = sizeof(float) * static_cast<size_t>(a.d);
        const float loss = a.loss[i];
        const bool first = a.first_step >= 0;
        if (first) {
            // As if halved before: at the first checkpoint the rises alone decide.
            const float begun[SP_ASCENT_STATE] = {a.first_step, loss, loss, loss, 0.0f, 1.0f};
            std::memcpy(state, begun, sizeof begun);
            std::memcpy(a.previous + at, a.x + at, bytes);
        } else {
            state[4] += loss > state[1] ? 1.0f : 0.0f;
            state[1] = loss;
        }
        const bool better = loss > state[2];
        if (first || better) {
            state[2] = loss;
            std::memcpy(a.best + at, a.x + at, bytes);
            std::memcpy(a.best_gradient + at, a.gradient + at, bytes);
        }
        if (!first && a.fewest_rises >= 0) {
            const bool halve =
                    state[4] <= static_cast<float>(a.fewest_rises) || (state[5] == 0.0f && state[3] >= state[2]);
            state[3] = state[2];
            state[4] = 0.0f;
            state[5] = halve ? 1.0f : 0.0f;
            if (halve) {
                state[0] *= 0.5f;
                std::memcpy(a.x + at, a.best + at, bytes);
                std::memcpy(a.gradient + at, a.best_gradient + at, bytes);
            }
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
