// y = x * scale[k] + shift[k], k the channel, one fused multiply-add: normalisation forward, and with no shift its input
// gradient.
//
// x and y n rows of channels x size float32 values (y may be x); scale and shift of `channels`, shift may be null (zero).
// n, channels, size >= 1, channels * size < 2^31. Bits repeat, and are those of the CPU device.
//
// Launch: block 256; grid (ceil(C / 256), min(ceil(n / R), 65535)), C = channels * size, R = 256 / min(C, 256); no dynamic
// shared memory.
//
// Roofline. 8 bytes and 2 FLOPs an element: bytes limit (H100 2.4 us a million elements, RTX 4090 7.9 us); aim 75 % (loads
// of 4 bytes).
#include "prelude.cuh"

KERNEL(256) scale_shift(int n, int channels, int size, const float* x, const float* scale, const float* shift, float* y) {
    const MatrixPlace place = matrix_place(channels * size);
    if (!place.inside) return;
    const float factor = scale[place.column / size];
    const float summand = shift != nullptr ? shift[place.column / size] : 0.0f;
    for (long long row = place.row; row < n; row += place.step) {
        const long long at = row * (channels * size) + place.column;
        y[at] = fmaf(x[at], factor, summand);
    }
}
KERNEL_EXPORT(scale_shift)
