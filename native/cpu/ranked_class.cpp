// The class of the rank-th largest logit other than the label's; rows of c (rank.h).
#include "operations.h"
#include "rank.h"

namespace sp::SP_LEVEL_NAMESPACE {

void ranked_class(const RankedClass& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        int64_t found = -1;
        for (int64_t rank = 0; rank < a.rank; ++rank) {
            found = next_class(a.z + i * a.c, a.c, a.labels[i], found);
        }
        a.out[i] = static_cast<int32_t>(found);
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
