// dw = sum over rows of dy xhat, db = sum over rows of dy; each row's mean and variance are taken anew.
//
// x and dy rows x size, dw and db of `size`, float32 at any 4-byte aligned address; rows, size >= 1; chunks_each, groups and
// sums as in channel_statistics.cu, with size for channels; statistics of 2 x rows floats: mean and 1 / sqrt(variance +
// epsilon). Bits repeat, and are those of the CPU device.
//
// Launch: layer_norm_statistics block 128 (a warp a row), grid ceil(rows / 4); layer_norm_weight_gradient_sums block 256, grid
// (groups, ceil(size / 32)); layer_norm_weight_gradient block 256, grid size; no dynamic shared memory (static: 4,096 bytes
// each of the last two).
//
// Roofline. 12 bytes an element (x is read twice) and 6 operations in double: bytes limit on an H100 (3.6 us a million
// elements), both on an RTX 4090 (11.9 and 9.3 us); aim 55 %; the last kernel about 3 us.
#include "prelude.cuh"

KERNEL(128) layer_norm_statistics(long long rows, int size, const float* x, float epsilon, float* statistics) {
    const long long row = warp_row();
    if (row >= rows) return;
    const RowStatistics s = row_statistics(size, x + row * size, epsilon);
    if (warp_lane() == 0) {
        statistics[2 * row] = s.mean;
        statistics[2 * row + 1] = s.inverse;
    }
}
KERNEL_EXPORT(layer_norm_statistics)

KERNEL(256) layer_norm_weight_gradient_sums(long long rows, int size, int chunks_each, const float* x, const float* dy,
                                            const float* statistics, double* sums) {
    column_sums(rows, size, chunks_each, sums,
                [&](long long row, int column, double& sum, double& products) {
                    const long long at = row * size + column;
                    const double gradient = static_cast<double>(dy[at]);
                    sum += gradient;
                    products += gradient * static_cast<double>((x[at] - statistics[2 * row]) * statistics[2 * row + 1]);
                });
}
KERNEL_EXPORT(layer_norm_weight_gradient_sums)

KERNEL(256) layer_norm_weight_gradient(int size, int groups, const double* sums, float* dw, float* db) {
    add_groups(size, groups, sums, [&](int column, double sum, double products) {
        db[column] = static_cast<float>(sum);
        dw[column] = static_cast<float>(products);
    });
}
KERNEL_EXPORT(layer_norm_weight_gradient)
