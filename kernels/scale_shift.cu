// y = x * scale[k] + shift[k], k the channel, one fused multiply-add: normalisation forward, and with no shift its input
// gradient.
//
// x and y n rows of channels x size float32 values (y may be x); scale and shift of `channels`, shift may be null (zero).
// n, channels, size >= 1, channels * size < 2^31. Bits repeat, and are those of the CPU device.
//
// Launch: block 256; grid (ceil(channels * size / 256), min(n, 65535)); no dynamic shared memory.
//
// Roofline. 8 bytes and 2 FLOPs an element: bytes limit (H100 2.4 us a million elements, RTX 4090 7.9 us); aim 75 % (loads
// of 4 bytes).
#include "prelude.cuh"

KERNEL(256) scale_shift(int n, int channels, int size, const float* x, const float* scale, const float* shift, float* y) {
    const int j = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (j >= channels * size) return;
    const float factor = scale[j / size];
    const float summand = shift != nullptr ? shift[j / size] : 0.0f;
    for (int i = static_cast<int>(blockIdx.y); i < n; i += static_cast<int>(gridDim.y)) {
        const size_t at = static_cast<size_t>(i) * static_cast<size_t>(channels * size) + static_cast<size_t>(j);
        y[at] = fmaf(x[at], factor, summand);
    }
}
KERNEL_EXPORT(scale_shift)
