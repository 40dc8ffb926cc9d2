// The sparse L1 step (SLIDE, Tramer and Boneh 2019): step_size is shared equally by the `top` coordinates of largest
// |gradient| among those that can still move (the box does not block their direction), ties by index; then x is
// projected onto ball and box together. Rows of d, in place.
//
// Which size is the last to count is found bit by bit: the bits of positive floats are ordered as the floats are, and
// counting how many are at least a candidate vectorises. No list of coordinates is kept.
#include "operations.h"
#include "project.h"

namespace sp::SP_LEVEL_NAMESPACE {

namespace {

// The bits of |g|, or 0 for a coordinate that cannot move.
inline VecBits free_size(Vec g, Vec x) {
    const VecBits up = (g > zero()) & (x < broadcast(1.0f));
    const VecBits down = (g < zero()) & (x > zero());
    return (up | down) & (VecBits)g & INT32_MAX;
}

// How many coordinates that can move are of at least this size; size >= 1.
inline int64_t count_at_least(int32_t size, int64_t d, const float* g, const float* x) {
    VecBits counts = {};
    each_vector(d, [=, &counts](int64_t j, auto lanes) {
        counts -= free_size(load_first(g + j, lanes), load_first(x + j, lanes)) >= size;
    });
    int64_t count = 0;
    for (int l = 0; l < kWidth; ++l) {
        count += counts[l];
    }
    return count;
}

void move_largest(const Step& a, const float* g, float* x) {
    const int64_t count = std::min(a.top, count_at_least(1, a.d, g, x));
    if (count <= 0) {
        return;
    }
    int32_t last = 0;  // the largest size that so many coordinates have at least
    int64_t found = 0;
    for (int32_t bit = 1 << 30; bit > 0 && found != count; bit >>= 1) {
        const int64_t here = count_at_least(last | bit, a.d, g, x);
        if (here >= count) {
            last |= bit;
            found = here;
        }
    }
    int64_t ties = count - count_at_least(last + 1, a.d, g, x);
    const float share = a.step_size / static_cast<float>(count);
    for (int64_t j = 0; j < a.d; ++j) {
        const bool free = (g[j] > 0 && x[j] < 1.0f) || (g[j] < 0 && x[j] > 0.0f);
        const int32_t size = free ? static_cast<int32_t>(bits_of(g[j]) & INT32_MAX) : 0;
        if (size > last || (size == last && ties-- > 0)) {
            x[j] += share * sign_of(g[j]);
        }
    }
}

}  // namespace

void l1_step(const Step& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        if (a.beaten != nullptr && a.beaten[i] >= 0) {
            continue;
        }
        float* x = a.x + i * a.d;
        if (a.gradient != nullptr) {
            const float* g = a.gradient + i * a.d;
            move_largest(a, g, x);
            int32_t moved = 0;
            each_vector(a.d, [g, &moved](int64_t j, auto lanes) { moved |= any_not_zero(load_first(g + j, lanes)); });
            if (a.zero_gradients != nullptr && moved == 0) {
                ++a.zero_gradients[i];
            }
        }
        project_l1(a.d, a.origin + i * a.d, a.epsilon, x);
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
