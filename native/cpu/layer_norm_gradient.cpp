// dx = (g - mean(g) - xhat mean(g xhat)) / sqrt(variance + epsilon) with g = dy * weight, times the derivative of the
// activation before. Its four sums over a row are taken in one pass.
#include "activation.h"
#include "operations.h"
#include "row_statistics.h"

namespace sp::SP_LEVEL_NAMESPACE {

void layer_norm_gradient(const LayerNormGradient& a, int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
        const int64_t at = row * a.size;
        const float* x = a.x + at;
        const float* dy = a.dy + at;
        float* __restrict dx = a.dx + at;
        const double first = x[0];
        const double size = static_cast<double>(a.size);
        double sums[4];
        row_sums(a.size,
                 [&a, x, dy, first](int64_t j, const auto& add) {
                     const double deviation = static_cast<double>(x[j]) - first;
                     const double g = static_cast<double>(dy[j]) * static_cast<double>(a.weight[j]);
                     add(0, deviation);
                     add(1, deviation * deviation);
                     add(2, g);
                     add(3, g * deviation);
                 },
                 sums);
        const RowStatistics s = statistics_of(a.size, first, sums[0], sums[1], a.epsilon);
        const double products = sums[3] - sums[0] / size * sums[2];  // of g and x - mean
        const float mean_g = static_cast<float>(sums[2] / size);
        const float slope = static_cast<float>(products * static_cast<double>(s.inverse) / size);
        for (int64_t j = 0; j < a.size; ++j) {
            const float normalized = (x[j] - s.mean) * s.inverse;
            dx[j] = multiply_add(normalized, -slope, multiply_add(dy[j], a.weight[j], -mean_g)) * s.inverse;
        }
        if (a.activation != SP_IDENTITY) {
            activation_derivative(a.activation, a.slope, a.size, a.before + at, dx, dx);
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
