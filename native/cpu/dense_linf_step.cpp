// The L-inf attack step as the epilogue of the first layer's input gradient dy W: the gradient stays in the first-level
// cache; sign, step, projection and box happen on it, in place on x (n x in). Same bits as dense_input_gradient, then
// linf_step.
#include "bf16.h"
#include "gemm.h"
#include "linf_step.h"

namespace sp::SP_LEVEL_NAMESPACE {

void dense_linf_step(const DenseLinfStep& a, int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; block += kRowBlock) {
        const int64_t block_end = std::min(end, block + kRowBlock);
        int32_t moved[kRowBlock] = {};
        int32_t* any = a.zero_gradients == nullptr ? nullptr : moved - block;
        const auto epilogue = [x = a.x, origin = a.origin, in = a.in, beaten = a.beaten, any,
                               step_size = broadcast(a.step_size), epsilon = broadcast(a.epsilon)](
                                      int64_t row, int64_t column, auto lanes, const float* sum) {
            if (beaten != nullptr && beaten[row] >= 0) {
                return;
            }
            const int64_t at = row * in + column;
            const Vec g = load_first(sum, lanes);
            if (any != nullptr) {
                any[row] |= any_not_zero(g);
            }
            const Vec stepped = linf_stepped(load_first(x + at, lanes), g, load_first(origin + at, lanes), step_size,
                                             epsilon);
            store_first(x + at, stepped, lanes);
        };
        if (a.dy16 != nullptr) {
            const int64_t width = bf16_row(a.out);
            panel_product(PairOperands{width / 2, a.dy16, width, 2, a.w16, 2 * kPanel}, kPanel * width, 2, block,
                          block_end, 0, (a.in + kPanel - 1) / kPanel, a.in, epilogue);
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
