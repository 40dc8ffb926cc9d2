// y = activation(weight (x - mean) / sqrt(variance + epsilon) + bias), mean and biased variance of each row.
//
// x and y rows x size (y may be x), weight and bias of `size`, float32 at any 4-byte aligned address; rows, size >= 1. Bits
// repeat whatever the number of rows, and are those of the CPU device.
//
// Launch: block 128 (a warp a row); grid ceil(rows / 4); no dynamic shared memory.
//
// Roofline. 8 bytes an element, and 4 more from the caches; 3 operations in double: bytes limit (H100 2.4 us a million
// elements, RTX 4090 7.9 us, of which doubles take 4.7); aim 65 %. Rows shorter than 32 leave lanes idle.
#include "prelude.cuh"

KERNEL(128) layer_norm(long long rows, int size, const float* x, const float* weight, const float* bias, float epsilon,
                       int activation, float slope, float* y) {
    const long long row = warp_row();
    if (row >= rows) return;
    const float* from = x + row * size;
    float* to = y + row * size;
    const RowStatistics s = row_statistics(size, from, epsilon);
    for (int j = warp_lane(); j < size; j += kWarp) {
        to[j] = activate(activation, slope, fmaf((from[j] - s.mean) * s.inverse, weight[j], bias[j]));
    }
}
KERNEL_EXPORT(layer_norm)
