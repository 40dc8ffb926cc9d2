// loss = 1/c * sum over classes of (z_j - [j = y])^2 and its logit gradient; a warp a row of c (prelude/loss.cuh).
//
// z n x c float32, labels n in [0, c), loss n or null, gradient n x c or null (may be z); n, c >= 1. Bits repeat, and are
// those of the CPU device (the sum goes in order of classes).
//
// Launch: block 128 (4 rows); grid ceil(n / 4); no dynamic shared memory.
//
// Roofline. 4 n (2 c + 2) bytes, 7 n c FLOPs: at n = 4096, c = 10 0.36 MB, 0.1 us on an H100, 0.4 us on an RTX 4090: a
// launch's latency limits; no share is claimed.
#include "prelude.cuh"

KERNEL(128) mean_squared_error(int n, int c, const float* z, const int* labels, float factor, float* loss, float* gradient) {
    const int i = warp_row();
    if (i >= n) return;
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(c);
    mean_squared_error_row(c, z + at, labels[i], factor, loss == nullptr ? nullptr : loss + i,
           gradient == nullptr ? nullptr : gradient + at);
}
KERNEL_EXPORT(mean_squared_error)
