// Records of the losses towards one class, and of APGD's operations. In operations.h's words: unit: a row.
#pragma once

#include <cstdint>

namespace sp {

struct TargetLoss {
    int32_t kind;
    int64_t c;
    const float* z;
    const int32_t *labels, *targets;
    float factor;
    float *loss, *gradient;
};
struct RankedClass {
    int64_t c;
    const float* z;
    const int32_t* labels;
    int64_t rank;
    int32_t* out;
};
struct AscentStart {
    int32_t norm;
    int64_t d;
    const float* origin;
    const int32_t* indices;
    float epsilon;
    uint64_t seed;
    uint32_t stream, restart;
    float* x;
};
struct AscentStep {
    int32_t norm;
    int64_t d;
    const float *gradient, *origin, *state;
    float momentum, epsilon;
    const int32_t* beaten;
    int32_t* zero_gradients;
    float *workspace, *previous, *x;
};
struct AscentCheck {
    int64_t d;
    const float* loss;
    float first_step;
    int32_t fewest_rises;
    const int32_t* beaten;
    float *state, *x, *gradient, *previous, *best, *best_gradient;
};

#define SP_ASCENT_OPERATIONS(X)      \
    X(target_loss, TargetLoss)       \
    X(ranked_class, RankedClass)     \
    X(ascent_start, AscentStart)     \
    X(ascent_step, AscentStep)       \
    X(ascent_check, AscentCheck)

}  // namespace sp
