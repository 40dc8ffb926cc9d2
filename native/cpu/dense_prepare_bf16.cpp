// Packs W (out x in) as bfloat16 twice: for the forward product and for the input gradient.
#include "bf16.h"

namespace sp::SP_LEVEL_NAMESPACE {

void dense_prepare_bf16(const DensePrepareBf16& a, int64_t begin, int64_t end) {
    const int64_t output_panels = (a.out + kPanel - 1) / kPanel;
    for (int64_t unit = begin; unit < end; ++unit) {
        if (unit < output_panels) {
            bf16_pack_forward(a.in, a.out, a.w, unit, 0, a.in, a.forward);
        } else {
            bf16_pack_backward(a.in, a.out, a.w, unit - output_panels, a.backward);
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
