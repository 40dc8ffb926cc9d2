// y = activation(x W^T + b): x n x in, W packed by dense_prepare, b out, y n x out.
#include "activation.h"
#include "gemm.h"

namespace sp::SP_LEVEL_NAMESPACE {

void dense_forward(const DenseForward& a, int64_t begin, int64_t end) {
    const auto epilogue = [&a](int64_t row, int64_t column, int count, const float* sum) {
        activate(a.activation, a.slope, count, sum, a.b + column, a.y + row * a.out + column);
    };
    const int64_t panels = (a.out + kPanel - 1) / kPanel;
    const int64_t row_begin = a.by_panel ? 0 : begin;
    const int64_t row_end = a.by_panel ? a.n : end;
    // Rows in blocks, panels inside: a block's inputs stay in the second-level cache while the panels stream by.
    for (int64_t row = row_begin; row < row_end; row += kRowBlock) {
        const int64_t block_end = std::min(row_end, row + kRowBlock);
        for (int64_t panel = a.by_panel ? begin : 0; panel < (a.by_panel ? end : panels); ++panel) {
            const int64_t first = panel * kPanel;
            const int64_t columns = std::min(kPanel, a.out - first);
            for (int64_t c = 0; c < columns; c += kTile) {
                const Operands o{a.in, a.x + row * a.in, a.in, 1, a.prepared + first * a.in + c, kPanel};
                column_tile(o, row, block_end, first + c, static_cast<int>(std::min<int64_t>(kTile, columns - c)),
                            epilogue);
            }
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
