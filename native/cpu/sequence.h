// Argument records of the recurrent layers; part of operations.h.
#pragma once

#include <cstdint>

#include "saddlepoint.h"

namespace sp {

__attribute__((always_inline)) inline int64_t gates_of(int32_t cell) {
    return cell == SP_LSTM ? 4 : cell == SP_GRU ? 3 : 1;
}

struct RecurrentForward {  // unit: an example
    int32_t cell;
    int64_t steps, hidden;
    float* gates;
    const float *prepared, *c;  // U, packed by dense_prepare
    float *states, *memory;
};
struct RecurrentBackward {  // unit: an example
    int32_t cell;
    int64_t steps, hidden;
    const float *gates, *u, *states, *memory, *dstates;
    bool all;
    float *dgates, *dhidden;
    float* carry;  // n x 2 x hidden: what a step passes to the one before
};
struct RecurrentWeightGradient {  // unit: a panel of columns of du
    int64_t n, steps, hidden, gate_size;
    const float *states, *dhidden;
    float *du, *dc;
};

#define SP_SEQUENCE_OPERATIONS(X)             \
    X(recurrent_forward, RecurrentForward)    \
    X(recurrent_backward, RecurrentBackward)  \
    X(recurrent_weight_gradient, RecurrentWeightGradient)

}  // namespace sp
