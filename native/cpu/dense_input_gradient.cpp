// dx = (dy W) * activation'(y_before): dy n x out, W out x in as stored, y_before and dx n x in.
#include "activation.h"
#include "bf16.h"
#include "gemm.h"

namespace sp::SP_LEVEL_NAMESPACE {

void dense_input_gradient(const DenseInputGradient& a, int64_t begin, int64_t end) {
    const auto epilogue = [before = a.y_before, dx = a.dx, in = a.in, activation = a.activation, slope = a.slope](
                                  int64_t row, int64_t column, auto lanes, const float* sum) {
        const int64_t at = row * in + column;
        // Without an activation before this layer there is no y_before, and the derivative ignores it.
        const Vec y = activation == SP_IDENTITY ? zero() : load_first(before + at, lanes);
        store_first(dx + at, activation_derivative(activation, slope, y, load(sum)), lanes);
    };
    const Operands o{a.out, a.dy, a.out, 1, a.w, a.in};
    if (a.dy16 != nullptr) {
        const int64_t width = bf16_row(a.out);
        const int64_t panels = (a.in + kPanel - 1) / kPanel;
        panel_product(PairOperands{width / 2, a.dy16, width, 2, a.w16, 2 * kPanel}, kPanel * width, 2, a.by_panel ? 0 : begin,
                      a.by_panel ? a.n : end, a.by_panel ? begin : 0, a.by_panel ? end : panels, a.in, epilogue);
    } else if (a.by_panel) {
        product(o, 0, a.n, begin * kPanel, std::min(a.in, end * kPanel), epilogue);
    } else {
        product(o, begin, end, 0, a.in, epilogue);
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
