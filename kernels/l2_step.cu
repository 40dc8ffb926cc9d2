// x = project(x + step_size * g / |g|_2) onto the L2 ball about the origin and the box [0,1], in place; a warp a row of d
// (prelude/step.cuh, project.cuh). A row whose gradient is not all finite is only projected.
//
// gradient n x d or null (then x is only projected), origin and x n x d float32; beaten n or null: rows with beaten[i] >= 0
// are left alone; zero_gradients n or null: incremented where all of an active row's gradient is zero. n, d >= 1, origin in
// [0,1], epsilon >= 0. Sums and scaling are in double, in an order that depends on d alone: bits repeat; the CPU device's
// order is another, so values may differ from it in the last place. The distance in exact arithmetic is at most epsilon.
//
// Launch: block 128 (4 rows); grid ceil(n / 4); no dynamic shared memory.
//
// Roofline. Least bytes 16 an element; as written the row is read five times, all but the first from the first-level cache.
// About 20 double-precision operations an element, conversions among them. At n = 4096, d = 784: 51 MB; H100 bytes, 15 us
// (64 double lanes a multiprocessor: 4 us); RTX 4090 (2 double lanes a multiprocessor): operations, 100 us, bytes 51 us. Aim
// 50 % of either: the row's four passes wait for one another.
#include "prelude.cuh"

KERNEL(128) l2_step(int n, int d, const float* gradient, const float* origin, float step_size, float epsilon,
                    const int* beaten, int* zero_gradients, float* x) {
    const int i = warp_row();
    if (i >= n) return;
    if (beaten != nullptr && beaten[i] >= 0) return;
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(d);
    const bool moved =
            l2_step_row(d, gradient == nullptr ? nullptr : gradient + at, origin + at, step_size, epsilon, x + at);
    if (!moved && zero_gradients != nullptr && warp_lane() == 0) {
        ++zero_gradients[i];
    }
}
KERNEL_EXPORT(l2_step)
