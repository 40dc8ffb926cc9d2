// Argument records of the attack steps that remember earlier gradients; part of operations.h.
#pragma once

#include <cstdint>

namespace sp {

struct Momentum {  // unit: a row
    int64_t d;
    const float* gradient;
    float decay;
    const int32_t* beaten;
    int32_t* zero_gradients;
    float* momentum;
};

struct PenaltySearch {  // unit: a row
    int64_t d;
    const float* origin;
    int32_t begins;
    float initial;
    int32_t minimal;
    const int32_t* beaten;
    float* state;
    int32_t* done;
    float *x, *w, *first, *second;
};
struct PenaltyStep {  // unit: a row
    int64_t d;
    const float *value, *gradient, *origin;
    int32_t targeted;
    float confidence, epsilon;
    int32_t minimal;
    float step_size, root_correction;
    int32_t step, check;
    float* state;
    int32_t* done;
    float *x, *w, *first, *second, *best_x, *best_objective;
    int32_t *beaten, *zero_gradients;
};

#define SP_MOMENTUM_OPERATIONS(X)     \
    X(momentum, Momentum)             \
    X(penalty_search, PenaltySearch)  \
    X(penalty_step, PenaltyStep)

}  // namespace sp
