// y = activation(a + b).
#include <algorithm>

#include "activation.h"
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

void add(const Add& a, int64_t begin, int64_t end) {
    const int64_t first = begin * kBlock;
    const int64_t count = std::min(a.length, end * kBlock) - first;
    activate(a.activation, a.slope, count, a.a + first, a.b + first, a.y + first);
}

}  // namespace sp::SP_LEVEL_NAMESPACE
