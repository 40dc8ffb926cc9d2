// Argument records of the operations of FAB (Croce and Hein 2020, "Minimally distorted adversarial examples with a fast
// adaptive boundary attack"); part of operations.h.
#pragma once

#include <cstdint>

namespace sp {

struct BoundaryStep {  // unit: a row
    int32_t norm;
    int64_t d, c;
    const float *z, *direction, *gradient, *origin;
    float most_origin, overshoot;
    const int32_t* beaten;
    int32_t* zero_gradients;
    float* x;
};
struct KeepClosest {  // unit: a row
    int32_t norm;
    int64_t d, c;
    const float *z, *origin;
    const int32_t* labels;
    float epsilon, pull;
    int32_t minimal, step;
    float *x, *best_x, *best_objective;
    int32_t* beaten;
};

#define SP_BOUNDARY_OPERATIONS(X)  \
    X(boundary_step, BoundaryStep) \
    X(keep_closest, KeepClosest)

}  // namespace sp
