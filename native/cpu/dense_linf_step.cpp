// The L-inf attack step as the epilogue of the first layer's input gradient dy W: the gradient stays in registers; sign,
// step, projection and box happen on it, in place on x (n x in). Same bits as dense_input_gradient, then linf_step.
#include <type_traits>

#include "bf16.h"
#include "gemm.h"
#include "linf_step.h"

namespace sp::SP_LEVEL_NAMESPACE {

namespace {

// Steps x; returns whether any gradient was not zero.
template <class Count>
inline int32_t step_values(const float* __restrict g, const float* __restrict origin, float step_size, float epsilon,
                           Count count, float* __restrict x) {
    for (int j = 0; j < count; ++j) {
        x[j] = linf_stepped(x[j], g[j], origin[j], step_size, epsilon);
    }
    int32_t any = 0;
    for (int j = 0; j < count; ++j) {
        any |= static_cast<int32_t>(g[j] != 0.0f);
    }
    return any;
}

// A whole tile's width as a constant, out of line: the compiler vectorises it the same way wherever it is called from.
__attribute__((noinline)) int32_t step_tile(const float* __restrict g, const float* __restrict origin, float step_size,
                                            float epsilon, float* __restrict x) {
    return step_values(g, origin, step_size, epsilon, std::integral_constant<int, kTile>{}, x);
}

}  // namespace

void dense_linf_step(const DenseLinfStep& a, int64_t begin, int64_t end) {
    const float step_size = a.step_size;
    const float epsilon = a.epsilon;
    for (int64_t block = begin; block < end; block += kRowBlock) {
        const int64_t block_end = std::min(end, block + kRowBlock);
        int32_t moved[kRowBlock] = {};
        const auto epilogue = [&](int64_t row, int64_t column, int count, const float* g) {
            if (a.beaten != nullptr && a.beaten[row] >= 0) {
                return;
            }
            float* __restrict x = a.x + row * a.in + column;
            const float* __restrict origin = a.origin + row * a.in + column;
            const int32_t any = count == kTile ? step_tile(g, origin, step_size, epsilon, x)
                                               : step_values(g, origin, step_size, epsilon, count, x);
            moved[row - block] |= any;
        };
        if (a.dy16 != nullptr) {
            const int64_t width = bf16_row(a.out);
            panel_product(PairOperands{width / 2, a.dy16, width, a.w16}, kPanel * width, 2, block, block_end, 0,
                          (a.in + kPanel - 1) / kPanel, a.in, epilogue);
        } else {
            product(Operands{a.out, a.dy, a.out, 1, a.w, a.in}, block, block_end, 0, a.in, epilogue);
        }
        for (int64_t i = block; a.zero_gradients != nullptr && i < block_end; ++i) {
            const bool active = a.beaten == nullptr || a.beaten[i] < 0;
            a.zero_gradients[i] += active && moved[i - block] == 0;
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
