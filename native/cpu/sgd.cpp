// SGD with momentum, Nesterov's variant and weight decay (PyTorch's conventions), over a flat array of parameters.
#include <algorithm>

#include "level.h"
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

void sgd(const Sgd& a, int64_t begin, int64_t end) {
    const int64_t last = std::min(a.length, end * kBlock);
    const float* __restrict gradients = a.gradient;
    float* __restrict ps = a.p;
    float* __restrict velocities = a.velocity;
    const Sgd s = a;  // settings in registers: stores to the arrays cannot change them
    if (velocities == nullptr) {
        for (int64_t i = begin * kBlock; i < last; ++i) {
            ps[i] = multiply_add(-s.learning_rate, multiply_add(s.weight_decay, ps[i], gradients[i]), ps[i]);
        }
        return;
    }
    for (int64_t i = begin * kBlock; i < last; ++i) {
        const float g = multiply_add(s.weight_decay, ps[i], gradients[i]);
        const float velocity = s.first ? g : multiply_add(s.momentum, velocities[i], g);
        velocities[i] = velocity;
        const float direction = s.nesterov != 0 ? multiply_add(s.momentum, velocity, g) : velocity;
        ps[i] = multiply_add(-s.learning_rate, direction, ps[i]);
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
