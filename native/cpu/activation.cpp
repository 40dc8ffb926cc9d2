// Activations on their own (a dense layer applies its activation in its epilogue), and their derivatives.
#include "activation.h"

#include <algorithm>

#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

void activation_forward(const ActivationForward& a, int64_t begin, int64_t end) {
    const int64_t first = begin * kBlock;
    const int64_t count = std::min(a.length, end * kBlock) - first;
    activate(a.activation, a.slope, count, a.x + first, nullptr, a.y + first);
}

void activation_gradient(const ActivationGradient& a, int64_t begin, int64_t end) {
    const int64_t first = begin * kBlock;
    const int64_t count = std::min(a.length, end * kBlock) - first;
    activation_derivative(a.activation, a.slope, count, a.y + first, a.dy + first, a.dx + first);
}

}  // namespace sp::SP_LEVEL_NAMESPACE
