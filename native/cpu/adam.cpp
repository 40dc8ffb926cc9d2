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
    for (int64_t i = begin * kBlock; i < last; ++i) {
        const float p = a.p[i] * a.decoupled_factor;
        const float g = multiply_add(a.coupled_decay, p, a.gradient[i]);
        const float m = multiply_add(a.beta1, a.m[i], rest1 * g);
        const float v = multiply_add(a.beta2, a.v[i], rest2 * (g * g));
        a.m[i] = m;
        a.v[i] = v;
        a.p[i] = p - a.step_size * m / multiply_add(std::sqrt(v), inverse_root, a.stabilizer);
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
