// SGD with momentum, Nesterov's variant and weight decay (PyTorch's conventions) on a run of parameters.
#pragma once

#include "level.h"
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

inline void sgd_run(const SgdFactors& s, int64_t count, const float* __restrict gradients,
                    float* __restrict velocities, float* __restrict ps) {
    const SgdFactors f = s;  // in registers: stores to the arrays cannot change them
    if (velocities == nullptr) {
        for (int64_t i = 0; i < count; ++i) {
            ps[i] = multiply_add(-f.learning_rate, multiply_add(f.weight_decay, ps[i], gradients[i]), ps[i]);
        }
        return;
    }
    for (int64_t i = 0; i < count; ++i) {
        const float g = multiply_add(f.weight_decay, ps[i], gradients[i]);
        const float velocity = f.first ? g : multiply_add(f.momentum, velocities[i], g);
        velocities[i] = velocity;
        const float direction = f.nesterov ? multiply_add(f.momentum, velocity, g) : velocity;
        ps[i] = multiply_add(-f.learning_rate, direction, ps[i]);
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
