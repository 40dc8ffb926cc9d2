// Adam (Kingma and Ba 2015, algorithm 1) and AdamW (Loshchilov and Hutter 2019, algorithm 2), over a flat array of
// parameters. The bias corrections of step t come in as factors, computed once in double.
#include <algorithm>
#include <cmath>

#include "level.h"
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

void adam(const Adam& a, int64_t begin, int64_t end) {
    const int64_t last = std::min(a.length, end * kBlock);
    const float rest1 = 1.0f - a.beta1;
    const float rest2 = 1.0f - a.beta2;
    const float inverse_root = 1.0f / a.root_correction;
    const float* __restrict gradients = a.gradient;
    float* __restrict ms = a.m;
    float* __restrict vs = a.v;
    float* __restrict ps = a.p;
    const Adam s = a;  // settings in registers: stores to the arrays cannot change them
    for (int64_t i = begin * kBlock; i < last; ++i) {
        const float p = ps[i] * s.decoupled_factor;
        const float g = multiply_add(s.coupled_decay, p, gradients[i]);
        const float m = multiply_add(s.beta1, ms[i], rest1 * g);
        const float v = multiply_add(s.beta2, vs[i], rest2 * (g * g));
        ms[i] = m;
        vs[i] = v;
        ps[i] = p - s.step_size * m / multiply_add(std::sqrt(v), inverse_root, s.stabilizer);
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
