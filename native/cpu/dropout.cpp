// y = x / (1 - probability) where an element is kept, else 0: the mask is never stored, as its words can be drawn again.
#include "operations.h"
#include "philox.h"

namespace sp::SP_LEVEL_NAMESPACE {

void dropout(const Dropout& a, int64_t begin, int64_t end) {
    const float scale = 1.0f / (1.0f - a.probability);
    for (int64_t row = begin; row < end; ++row) {
        const float* x = a.x + row * a.d;
        float* y = a.y + row * a.d;
        philox_runs(a.seed, 0, a.indices[row], a.layer, a.stream, a.d,
                    [&](int64_t at, int64_t count, const uint32_t* words) {
                        for (int64_t e = 0; e < count; ++e) {
                            const float kept = x[at + e] * scale;
                            y[at + e] = uniform_of(words[e]) < a.probability ? 0.0f : kept;
                        }
                    });
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
