// SGD with momentum, Nesterov's variant and weight decay (PyTorch's conventions), over a flat array of parameters.
#include <algorithm>

#include "level.h"
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

void sgd(const Sgd& a, int64_t begin, int64_t end) {
    const int64_t last = std::min(a.length, end * kBlock);
    for (int64_t i = begin * kBlock; i < last; ++i) {
        const float g = multiply_add(a.weight_decay, a.p[i], a.gradient[i]);
        float direction = g;
        if (a.velocity != nullptr) {
            const float velocity = a.first ? g : multiply_add(a.momentum, a.velocity[i], g);
            a.velocity[i] = velocity;
            direction = a.nesterov != 0 ? multiply_add(a.momentum, velocity, g) : velocity;
        }
        a.p[i] = multiply_add(-a.learning_rate, direction, a.p[i]);
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
