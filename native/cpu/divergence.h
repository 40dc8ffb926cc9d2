// Argument records of TRADES: divergences between softmax outputs, and its start; part of operations.h.
#pragma once

#include <cstdint>

namespace sp {

struct Divergence {  // unit: a row
    int64_t c;
    const float *z, *reference;
    float factor;
    float *loss, *gradient;
};
struct Trades {  // unit: an example: rows i and n + i
    int64_t n, c;
    const float* z;
    const int32_t* labels;
    float beta, factor;
    float *loss, *gradient;
};
struct GaussianStart {  // unit: a row
    int32_t norm;
    int64_t d;
    const float* origin;
    const int32_t* indices;
    float deviation, epsilon;
    uint64_t seed;
    uint32_t stream, restart;
    float* x;
};

#define SP_DIVERGENCE_OPERATIONS(X) \
    X(divergence, Divergence)       \
    X(trades, Trades)               \
    X(gaussian_start, GaussianStart)

}  // namespace sp
