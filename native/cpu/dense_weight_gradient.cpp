// dw = dy^T x (out x in) and db = column sums of dy. One owner an element sums the examples in index order.
#include "gemm.h"

namespace sp::SP_LEVEL_NAMESPACE {

void dense_weight_gradient(const DenseWeightGradient& a, int64_t begin, int64_t end) {
    const auto epilogue = [dw = a.dw, in = a.in](int64_t row, int64_t column, auto lanes, const float* sum) {
        store_first(dw + row * in + column, load(sum), lanes);
    };
    const Operands o{a.n, a.dy, 1, a.out, a.x, a.in};
    product(o, 0, a.out, begin * kPanel, std::min(a.in, end * kPanel), epilogue);
    if (begin == 0) {
        for (int64_t j = 0; j < a.out; ++j) {
            a.db[j] = 0.0f;
        }
        for (int64_t i = 0; i < a.n; ++i) {
            for (int64_t j = 0; j < a.out; ++j) {
                a.db[j] += a.dy[i * a.out + j];
            }
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
