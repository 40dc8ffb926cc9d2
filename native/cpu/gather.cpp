// out[i] = source[indices[i]] / 255 for rows of d bytes; each value is the float32 nearest to k/255.
#include "level.h"
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

void gather_bytes(const GatherBytes& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        const uint8_t* source = a.source + a.indices[i] * a.d;
        float* out = a.out + i * a.d;
        for (int64_t j = 0; j < a.d; ++j) {
            out[j] = static_cast<float>(source[j]) / 255.0f;
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
