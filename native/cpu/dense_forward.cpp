// y = activation(x W^T + b): x n x in, W packed by dense_prepare, b out, y n x out.
#include "activation.h"
#include "bf16.h"
#include "gemm.h"

namespace sp::SP_LEVEL_NAMESPACE {

void dense_forward(const DenseForward& a, int64_t begin, int64_t end) {
    const auto epilogue = [b = a.b, y = a.y, out = a.out, activation = a.activation, slope = a.slope](
                                  int64_t row, int64_t column, auto lanes, const float* sum) {
        const Vec biased = load(sum) + load_first(b + column, lanes);
        store_first(y + row * out + column, activated(activation, slope, biased), lanes);
    };
    const int64_t panels = (a.out + kPanel - 1) / kPanel;
    const int64_t row = a.by_panel ? 0 : begin;
    const int64_t row_end = a.by_panel ? a.n : end;
    const int64_t panel = a.by_panel ? begin : 0;
    const int64_t panel_end = a.by_panel ? end : panels;
    if (a.x16 != nullptr) {
        const int64_t width = bf16_row(a.in);
        panel_product(PairOperands{width / 2, a.x16, width, 2, a.w16, 2 * kPanel}, kPanel * width, 2, row, row_end,
                      panel, panel_end, a.out, epilogue);
    } else {
        panel_product(Operands{a.in, a.x, a.in, 1, a.prepared, kPanel}, kPanel * a.in, 1, row, row_end, panel,
                      panel_end, a.out, epilogue);
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
