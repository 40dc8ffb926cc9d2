// Argument records of the operations of HopSkipJump (Chen et al. 2020); part of operations.h.
#pragma once

#include <cstdint>

namespace sp {

struct HopTurn {  // unit: a row
    int32_t phase, norm;
    int64_t d;
    int32_t iteration, queries, minimal;
    const float *origin, *best_objective;
    const int32_t* beaten;
    float *point, *toward, *away, *bracket, *size;
    int32_t *counts, *done;
};
struct HopPropose {  // unit: a row
    int32_t phase, norm;
    int64_t d;
    const float *origin, *point, *toward, *bracket, *size;
    const int32_t* done;
    float* x;
};
struct HopJudge {  // unit: a row
    int32_t phase, norm;
    int64_t d, c;
    const float *z, *origin;
    const int32_t* labels;
    float epsilon;
    int32_t queries, minimal;
    const float* x;
    float *point, *toward, *away, *bracket, *size;
    int32_t *counts, *done;
    float *best_x, *best_objective;
    int32_t* beaten;
};

#define SP_HOP_OPERATIONS(X)    \
    X(hop_turn, HopTurn)        \
    X(hop_propose, HopPropose)  \
    X(hop_judge, HopJudge)

}  // namespace sp
