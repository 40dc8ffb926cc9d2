// Packs all of W for the forward product.
#include "pack.h"

namespace sp::SP_LEVEL_NAMESPACE {

void dense_prepare(const DensePrepare& a, int64_t begin, int64_t end) {
    for (int64_t panel = begin; panel < end; ++panel) {
        pack_panel(a.in, a.out, a.w, panel, 0, a.in, a.prepared);
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
