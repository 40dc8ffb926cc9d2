// scale = weight / sqrt(variance + epsilon), shift = bias - mean * scale (the rounded scale: its error cancels at the mean).
//
// All of `channels` >= 1 float32 values. Bits repeat, and are those of the CPU device.
//
// Launch: block 256; grid ceil(channels / 256); no dynamic shared memory.
//
// Roofline. 24 bytes a channel: a launch's latency limits; no share is claimed.
#include "prelude.cuh"

KERNEL(256) fold_batch_norm(int channels, const float* mean, const float* variance, float epsilon, const float* weight,
                            const float* bias, float* scale, float* shift) {
    const int c = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (c >= channels) return;
    const double root = sqrt(static_cast<double>(variance[c]) + static_cast<double>(epsilon));
    const float factor = static_cast<float>(static_cast<double>(weight[c]) / root);
    scale[c] = factor;
    shift[c] = static_cast<float>(static_cast<double>(bias[c])
                                  - static_cast<double>(mean[c]) * static_cast<double>(factor));
}
KERNEL_EXPORT(fold_batch_norm)
