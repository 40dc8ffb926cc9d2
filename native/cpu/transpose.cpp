// Each example's matrix transposed: rows x columns to columns x rows.
#include "transpose.h"

#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

void transpose(const Transpose& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        transpose(a.rows, a.columns, reinterpret_cast<const uint32_t*>(a.x + i * a.rows * a.columns), a.columns,
                  reinterpret_cast<uint32_t*>(a.y + i * a.rows * a.columns), a.rows);
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
