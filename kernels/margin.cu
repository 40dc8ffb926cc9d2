// The margin loss max_{i != y} z_i - z_y (Carlini and Wagner 2017, f6 without the floor), its logit gradient (factor at that
// class, -factor at y, zero elsewhere), and the arg max; a warp a row of c (prelude/loss.cuh); ties go to the lowest class.
//
// z n x c float32, labels n in [0, c), loss n or null, gradient n x c or null (may be z), out n; n, c >= 1. With one class
// the margin is 0. Bits repeat, and are those of the CPU device.
//
// Launch (margin, arg_max): block 128 (4 rows); grid ceil(n / 4); no dynamic shared memory.
//
// Roofline. 4 n (2 c + 2) bytes for the margin, 4 n (c + 1) for the arg max, a comparison a value: at n = 4096, c = 10 0.36
// MB, 0.1 us on an H100, 0.4 us on an RTX 4090: a launch's latency limits; no share is claimed.
#include "prelude.cuh"

KERNEL(128) margin(int n, int c, const float* z, const int* labels, float factor, float* loss, float* gradient) {
    const int i = warp_row();
    if (i >= n) return;
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(c);
    margin_row(c, z + at, labels[i], factor, loss == nullptr ? nullptr : loss + i,
           gradient == nullptr ? nullptr : gradient + at);
}
KERNEL_EXPORT(margin)

KERNEL(128) arg_max(int n, int c, const float* z, int* out) {
    const int i = warp_row();
    if (i >= n) return;
    const int best = arg_max_row(c, z + static_cast<size_t>(i) * static_cast<size_t>(c), -1);
    if (warp_lane() == 0) {
        out[i] = best;
    }
}
KERNEL_EXPORT(arg_max)
