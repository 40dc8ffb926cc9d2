// y = activation(weight (x - mean) / sqrt(variance + epsilon) + bias), mean and variance of each row.
#include "activation.h"
#include "operations.h"
#include "row_statistics.h"

namespace sp::SP_LEVEL_NAMESPACE {

void layer_norm(const LayerNorm& a, int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
        const float* x = a.x + row * a.size;
        float* y = a.y + row * a.size;
        const RowStatistics s = row_statistics(a.size, x, a.epsilon);
        for (int64_t j = 0; j < a.size; ++j) {
            y[j] = multiply_add((x[j] - s.mean) * s.inverse, a.weight[j], a.bias[j]);
        }
        if (a.activation != SP_IDENTITY) {
            activate(a.activation, a.slope, a.size, y, nullptr, y);
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
