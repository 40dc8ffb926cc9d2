// Packs W (out x in) for the forward product: panels of kPanel outputs, each in x kPanel, so that the product reads one
// contiguous stream. The last panel is padded with zeros.
#include <algorithm>

#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

void dense_prepare(const DensePrepare& a, int64_t begin, int64_t end) {
    for (int64_t panel = begin; panel < end; ++panel) {
        const float* w = a.w + panel * kPanel * a.in;
        float* packed = a.prepared + panel * kPanel * a.in;
        const int64_t columns = std::min(kPanel, a.out - panel * kPanel);
        // Blocks of 16 inputs: what is read by lines is written while those lines are in the cache.
        for (int64_t k0 = 0; k0 < a.in; k0 += 16) {
            const int64_t k1 = std::min(a.in, k0 + 16);
            for (int64_t c = 0; c < kPanel; ++c) {
                for (int64_t k = k0; k < k1; ++k) {
                    packed[k * kPanel + c] = c < columns ? w[c * a.in + k] : 0.0f;
                }
            }
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
