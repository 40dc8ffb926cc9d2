// dw = sum over rows of dy xhat, db = sum over rows of dy; each row's mean and variance are taken anew.
#include "columns.h"
#include "row_statistics.h"

namespace sp::SP_LEVEL_NAMESPACE {

void layer_norm_weight_gradient_sums(const LayerNormWeightGradient& a, int64_t begin, int64_t end) {
    const int64_t size = a.shape.columns;
    RowStatistics statistics[kChunk];
    column_sums(a.shape, begin, end, a.sums,
                [&](int64_t row, int64_t row_end) {
                    for (int64_t r = row; r < row_end; ++r) {
                        statistics[r % kChunk] = row_statistics(size, a.x + r * size, a.epsilon);
                    }
                },
                [&a, &statistics, size](int64_t row, int64_t column) {
                    const int64_t at = row * size + column;
                    return [x = a.x + at, dy = a.dy + at, s = statistics[row % kChunk]](int64_t c, double& sum,
                                                                                        double& products) {
                        const double gradient = dy[c];
                        sum += gradient;
                        products += gradient * static_cast<double>((x[c] - s.mean) * s.inverse);
                    };
                });
}

void layer_norm_weight_gradient(const LayerNormWeightGradient& a, int64_t begin, int64_t end) {
    add_groups(a.shape, begin * kBlock, std::min(a.shape.columns, end * kBlock), a.sums,
               [&a](int64_t c, double sum, double products) {
                   a.db[c] = static_cast<float>(sum);
                   a.dw[c] = static_cast<float>(products);
               });
}

}  // namespace sp::SP_LEVEL_NAMESPACE
