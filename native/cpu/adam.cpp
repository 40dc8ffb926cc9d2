// Adam and AdamW over a flat array of parameters.
#include "adam.h"

#include <algorithm>

namespace sp::SP_LEVEL_NAMESPACE {

void adam(const Adam& a, int64_t begin, int64_t end) {
    const int64_t first = begin * kBlock;
    adam_run(a.factors, std::min(a.length, end * kBlock) - first, a.gradient + first, a.m + first, a.v + first,
             a.p + first);
}

}  // namespace sp::SP_LEVEL_NAMESPACE
