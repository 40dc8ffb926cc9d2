// Argument records of the operations of attacks that estimate gradients from answers; part of operations.h.
#pragma once

#include <cstdint>

namespace sp {

struct NoiseProbe {  // unit: a row
    int32_t draw;
    int64_t d;
    const float* point;
    const int32_t* indices;
    float scale;
    const float* scales;
    uint64_t seed;
    uint32_t stream, number;
    const int32_t* done;
    float* x;
};
struct NesEstimate {  // unit: a row
    int64_t d;
    const float *point, *x, *base, *loss;
    int32_t first;
    const int32_t* done;
    float* gradient;
};

#define SP_PROBE_OPERATIONS(X) \
    X(noise_probe, NoiseProbe) \
    X(nes_estimate, NesEstimate)

}  // namespace sp
