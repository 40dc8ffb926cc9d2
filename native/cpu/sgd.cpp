// SGD over a flat array of parameters.
#include "sgd.h"

#include <algorithm>

namespace sp::SP_LEVEL_NAMESPACE {

void sgd(const Sgd& a, int64_t begin, int64_t end) {
    const int64_t first = begin * kBlock;
    sgd_run(a.factors, std::min(a.length, end * kBlock) - first, a.gradient + first,
            a.velocity == nullptr ? nullptr : a.velocity + first, a.p + first);
}

}  // namespace sp::SP_LEVEL_NAMESPACE
