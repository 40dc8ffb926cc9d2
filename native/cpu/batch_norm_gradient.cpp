// Gradients of batch normalisation with the batch's own statistics: two sums a channel, then dx as dy and x - mean times
// factors of the channel.
#include "columns.h"

namespace sp::SP_LEVEL_NAMESPACE {

void batch_norm_gradient_sums(const BatchNormGradient& a, int64_t begin, int64_t end) {
    column_sums(a.shape, begin, end, a.sums, [](int64_t, int64_t) {},
                [&a](int64_t row, int64_t column) {
                    const int64_t at = row * a.shape.columns + column;
                    return [x = a.x + at, dy = a.dy + at, mean = a.mean + column](int64_t c, double& sum,
                                                                                  double& products) {
                        const double gradient = dy[c];
                        sum += gradient;
                        products += gradient * (static_cast<double>(x[c]) - static_cast<double>(mean[c]));
                    };
                });
}

void batch_norm_gradient_factors(const BatchNormGradient& a, int64_t begin, int64_t end) {
    const double rows = static_cast<double>(a.shape.rows);
    const int64_t channels = a.shape.columns;
    add_groups(a.shape, begin * kBlock, std::min(channels, end * kBlock), a.sums,
               [&a, rows, channels](int64_t c, double sum, double products) {
                   const double inverse =
                           1.0 / __builtin_sqrt(static_cast<double>(a.variance[c]) + static_cast<double>(a.epsilon));
                   const double of_gradient = static_cast<double>(a.weight[c]) * inverse;
                   a.db[c] = static_cast<float>(sum);
                   a.dw[c] = static_cast<float>(products * inverse);
                   a.factors[c] = static_cast<float>(of_gradient);
                   a.factors[channels + c] = static_cast<float>(-of_gradient * (products * (inverse * inverse) / rows));
                   a.factors[2 * channels + c] = static_cast<float>(-of_gradient * (sum / rows));
               });
}

void batch_norm_gradient(const BatchNormGradient& a, int64_t begin, int64_t end) {
    const int64_t channels = a.shape.columns;
    const float* of_gradient = a.factors;
    const float* of_deviation = a.factors + channels;
    const float* constant = of_deviation + channels;
    for (int64_t row = begin; row < end; ++row) {
        const float* x = a.x + row * channels;
        const float* dy = a.dy + row * channels;
        float* __restrict dx = a.dx + row * channels;
        for (int64_t c = 0; c < channels; ++c) {
            dx[c] = multiply_add(dy[c], of_gradient[c],
                                 multiply_add(x[c] - a.mean[c], of_deviation[c], constant[c]));
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
