// Mean and biased variance of each channel, in one pass: of the deviations from the first row, which is one of the values, so
// that (mean - first)^2 is at most rows times the variance, and in double little is lost when it is taken off.
//
// x rows x channels, mean and variance of `channels`, float32 at any 4-byte aligned address; rows, channels >= 1; chunks_each =
// ceil(chunks / most), chunks = ceil(rows / 32), most = 2^18 / channels within 1..256; groups = ceil(chunks / chunks_each);
// sums of 2 x groups x channels doubles between the two kernels. Bits repeat, and are those of the CPU device.
//
// Launch: channel_statistics_sums block 256, grid (groups, ceil(channels / 32)); channel_statistics block 256, grid channels;
// no dynamic shared memory (static: 4,096 bytes each).
//
// Roofline. 4 bytes and 3 operations in double an element: bytes limit on an H100 (1.2 us a million elements), doubles on an
// RTX 4090 (2.4 us of byt, 2.3 us of doubles); aim 60 %; the second kernel adds up to 256 doubles one after another, about 3 us.
#include "prelude.cuh"

KERNEL(256) channel_statistics_sums(long long rows, int channels, int chunks_each, const float* x, double* sums) {
    column_sums(rows, channels, chunks_each, sums,
                [&](long long row, int column, double& sum, double& squares) {
                    const double deviation =
                            static_cast<double>(x[row * channels + column]) - static_cast<double>(x[column]);
                    sum += deviation;
                    squares += deviation * deviation;
                });
}
KERNEL_EXPORT(channel_statistics_sums)

KERNEL(256) channel_statistics(long long rows, int channels, int groups, const double* sums, const float* x, float* mean,
                               float* variance) {
    add_groups(channels, groups, sums, [&](int channel, double sum, double squares) {
        const double deviation = sum / static_cast<double>(rows);
        const double spread = squares / static_cast<double>(rows) - deviation * deviation;
        mean[channel] = static_cast<float>(static_cast<double>(x[channel]) + deviation);
        variance[channel] = static_cast<float>(spread > 0.0 ? spread : 0.0);
    });
}
KERNEL_EXPORT(channel_statistics)
