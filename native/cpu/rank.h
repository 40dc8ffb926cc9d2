// The order of classes by their logits: largest first, ties by class. A NaN counts as -infinity, so every class has its place.
#pragma once

#include <cstdint>
#include <limits>

#include "level.h"

namespace sp::SP_LEVEL_NAMESPACE {

// The class that follows `after` (-1: the first of all), `skipped` left out (-1: none); -1 if there is none.
inline int64_t next_class(const float* z, int64_t c, int64_t skipped, int64_t after) {
    const auto value = [z](int64_t j) { return z[j] == z[j] ? z[j] : -std::numeric_limits<float>::infinity(); };
    int64_t best = -1;
    for (int64_t j = 0; j < c; ++j) {
        const bool follows = after < 0 || value(j) < value(after) || (value(j) == value(after) && j > after);
        if (j != skipped && follows && (best < 0 || value(j) > value(best))) {
            best = j;
        }
    }
    return best;
}

}  // namespace sp::SP_LEVEL_NAMESPACE
