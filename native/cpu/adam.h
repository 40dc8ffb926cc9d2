// Adam (Kingma and Ba 2015, algorithm 1) and AdamW (Loshchilov and Hutter 2019, algorithm 2) on a run of parameters. The
// bias corrections of step t come in as factors, computed once in double.
#pragma once

#include <cmath>

#include "level.h"
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

inline void adam_run(const AdamFactors& s, int64_t count, const float* __restrict gradients, float* __restrict ms,
                     float* __restrict vs, float* __restrict ps) {
    const AdamFactors f = s;  // in registers: stores to the arrays cannot change them
    const float rest1 = 1.0f - f.beta1;
    const float rest2 = 1.0f - f.beta2;
    const float inverse_root = 1.0f / f.root_correction;
    for (int64_t i = 0; i < count; ++i) {
        const float p = ps[i] * f.decoupled_factor;
        const float g = multiply_add(f.coupled_decay, p, gradients[i]);
        const float m = multiply_add(f.beta1, ms[i], rest1 * g);
        const float v = multiply_add(f.beta2, vs[i], rest2 * (g * g));
        ms[i] = m;
        vs[i] = v;
        ps[i] = p - f.step_size * m / multiply_add(std::sqrt(v), inverse_root, f.stabilizer);
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
