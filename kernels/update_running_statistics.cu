// r = (1 - momentum) r + momentum s, in double: s is the mean, or the unbiased variance (a single row leaves the running
// variance alone).
//
// All of `channels` >= 1 float32 values; rows >= 1. Bits repeat, and are those of the CPU device.
//
// Launch: block 256; grid ceil(channels / 256); no dynamic shared memory.
//
// Roofline. 24 bytes a channel: a launch's latency limits; no share is claimed.
#include "prelude.cuh"

namespace {

DEVICE float moved(float running, double s, double momentum) {
    return static_cast<float>((1.0 - momentum) * static_cast<double>(running) + momentum * s);
}

}  // namespace

KERNEL(256) update_running_statistics(long long rows, int channels, float momentum, const float* mean,
                                      const float* variance, float* running_mean, float* running_variance) {
    const int c = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (c >= channels) return;
    const double share = static_cast<double>(momentum);
    running_mean[c] = moved(running_mean[c], static_cast<double>(mean[c]), share);
    if (rows > 1) {
        const double unbiased = static_cast<double>(rows) / static_cast<double>(rows - 1);
        running_variance[c] = moved(running_variance[c], static_cast<double>(variance[c]) * unbiased, share);
    }
}
KERNEL_EXPORT(update_running_statistics)
