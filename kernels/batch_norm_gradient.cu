// Gradients of batch normalisation with the batch's own statistics: db = sum dy, dw = sum dy xhat, dx = weight /
// sqrt(variance + epsilon) (dy - db / rows - xhat dw / rows), the last as dy and x - mean times factors of the channel.
//
// x, dy, dx rows x channels (dx overlaps neither), all else of `channels`, float32 at any 4-byte aligned address; rows,
// channels >= 1; chunks_each, groups and sums as in channel_statistics.cu; factors of 3 x channels floats between the last
// two kernels. Bits repeat, and are those of the CPU device.
//
// Launch: batch_norm_gradient_sums block 256, grid (groups, ceil(channels / 32)); batch_norm_gradient_factors block 256, grid
// channels; batch_norm_gradient block 256, grid (ceil(channels / 256), min(ceil(rows / R), 65535)), R = 256 / min(channels,
// 256); no dynamic shared memory (static: 4,096 bytes each of the first two).
//
// Roofline. 20 bytes an element, least and as written (x and dy are read twice: the sums must be known first): bytes limit
// (H100 6 us a million elements, RTX 4090 20 us); aim 65 %; the middle kernel about 3 us.
#include "prelude.cuh"

KERNEL(256) batch_norm_gradient_sums(long long rows, int channels, int chunks_each, const float* x, const float* dy,
                                     const float* mean, double* sums) {
    column_sums(rows, channels, chunks_each, sums,
                [&](long long row, int column, double& sum, double& products) {
                    const long long at = row * channels + column;
                    const double gradient = static_cast<double>(dy[at]);
                    sum += gradient;
                    products += gradient * (static_cast<double>(x[at]) - static_cast<double>(mean[column]));
                });
}
KERNEL_EXPORT(batch_norm_gradient_sums)

KERNEL(256) batch_norm_gradient_factors(long long rows, int channels, int groups, const double* sums,
                                        const float* variance, float epsilon, const float* weight, float* dw, float* db,
                                        float* factors) {
    add_groups(channels, groups, sums, [&](int channel, double sum, double products) {
        const double inverse = 1.0 / sqrt(static_cast<double>(variance[channel]) + static_cast<double>(epsilon));
        const double of_gradient = static_cast<double>(weight[channel]) * inverse;
        const double count = static_cast<double>(rows);
        db[channel] = static_cast<float>(sum);
        dw[channel] = static_cast<float>(products * inverse);
        factors[channel] = static_cast<float>(of_gradient);
        factors[channels + channel] = static_cast<float>(-of_gradient * (products * (inverse * inverse) / count));
        factors[2 * channels + channel] = static_cast<float>(-of_gradient * (sum / count));
    });
}
KERNEL_EXPORT(batch_norm_gradient_factors)

KERNEL(256) batch_norm_gradient(long long rows, int channels, const float* x, const float* dy, const float* mean,
                                const float* factors, float* dx) {
    const MatrixPlace place = matrix_place(channels);
    if (!place.inside) return;
    const float center = mean[place.column];
    const float of_gradient = factors[place.column];
    const float of_deviation = factors[channels + place.column];
    const float constant = factors[2 * channels + place.column];
    for (long long row = place.row; row < rows; row += place.step) {
        const long long at = row * channels + place.column;
        dx[at] = fmaf(dy[at], of_gradient, fmaf(x[at] - center, of_deviation, constant));
    }
}
KERNEL_EXPORT(batch_norm_gradient)
