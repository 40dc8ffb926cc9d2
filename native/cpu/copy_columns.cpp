// Columns of one matrix to columns of another.
#include <cstring>

#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

void copy_columns(const CopyColumns& a, int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
        std::memcpy(a.target + row * a.target_width, a.source + row * a.source_width,
                    sizeof(float) * static_cast<size_t>(a.columns));
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
