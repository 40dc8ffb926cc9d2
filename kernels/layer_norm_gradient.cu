// dx = (g - mean(g) - xhat mean(g xhat)) / sqrt(variance + epsilon) with g = dy * weight, over each row, times the derivative
// of the activation before. Its four sums over a row are taken in one pass.
//
// x, dy, before (null with the identity) and dx rows x size (dx overlaps none of them), weight of `size`, float32 at any
// 4-byte aligned address; rows, size >= 1. Bits repeat whatever the number of rows, and are those of the CPU device.
//
// Launch: block 128 (a warp a row); grid ceil(rows / 4); no dynamic shared memory.
//
// Roofline. 12 bytes an element (16 with an activation) and 8 more from the caches; 8 operations in double: bytes limit on an
// H100 (3.6 us a million elements), doubles on an RTX 4090 (12.4 us, where bytes take 11.9); aim 60 %.
#include "prelude.cuh"

KERNEL(128) layer_norm_gradient(long long rows, int size, const float* x, const float* dy, const float* weight,
                                float epsilon, int activation, float slope, const float* before, float* dx) {
    const long long row = warp_row();
    if (row >= rows) return;
    const float* from = x + row * size;
    const float* gradient = dy + row * size;
    const double first = static_cast<double>(from[0]);
    const double count = static_cast<double>(size);
    double sums[4] = {0.0, 0.0, 0.0, 0.0};
#pragma unroll 4
    for (int j = warp_lane(); j < size; j += kWarp) {
        const double deviation = static_cast<double>(from[j]) - first;
        const double g = static_cast<double>(gradient[j]) * static_cast<double>(weight[j]);
        sums[0] += deviation;
        sums[1] += deviation * deviation;
        sums[2] += g;
        sums[3] += g * deviation;
    }
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        sums[i] = warp_sum(sums[i]);
    }
    const RowStatistics s = statistics_of(size, first, sums[0], sums[1], epsilon);
    const double products = sums[3] - sums[0] / count * sums[2];  // of g and x - mean
    const float mean_g = static_cast<float>(sums[2] / count);
    const float steepness = static_cast<float>(products * static_cast<double>(s.inverse) / count);
    for (int j = warp_lane(); j < size; j += kWarp) {
        const float normalized = (from[j] - s.mean) * s.inverse;
        const float v = fmaf(normalized, -steepness, fmaf(gradient[j], weight[j], -mean_g)) * s.inverse;
        const float y = before == nullptr ? 0.0f : before[row * size + j];
        dx[row * size + j] = activation_derivative(activation, slope, y, v);
    }
}
KERNEL_EXPORT(layer_norm_gradient)
