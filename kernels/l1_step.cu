// The sparse L1 step (SLIDE, Tramer and Boneh 2019): step_size is shared equally by the `top` coordinates of largest
// |gradient| among those that can still move (the box does not block their direction), ties by index; then x is projected
// onto ball and box together (Croce and Hein 2021). In place; a warp a row of d (prelude/step.cuh, project.cuh).
//
// gradient n x d or null (then x is only projected), origin and x n x d float32; beaten n or null: rows with beaten[i] >= 0
// are left alone; zero_gradients n or null: incremented where all of an active row's gradient is zero. n, d, top >= 1,
// origin in [0,1], epsilon >= 0. The choice and the step have the bits of the CPU device; the projection sums in double in
// an order that depends on d alone: bits repeat, and may differ from the CPU device's in the last place. The distance in
// exact arithmetic is at most epsilon.
//
// Launch: block 128 (4 rows); grid ceil(n / 4); no dynamic shared memory (static: 4,096 bytes of histograms).
//
// Roofline. Least bytes 16 an element; as written the row is read about 6 times for the choice and once a Newton iteration
// (5 to 10), all but the first from the first-level cache. About 12 double-precision operations an element and iteration. At
// n = 4096, d = 784: 51 MB; H100 bytes 15 us, operations 25 us; RTX 4090 (2 double lanes a multiprocessor): operations,
// about 0.5 ms. Aim 40 % of either. What a float32 pre-selection would save on consumer cards waits for a measurement.
#include "prelude.cuh"

KERNEL(128) l1_step(int n, int d, const float* gradient, const float* origin, float step_size, float epsilon, int top,
                    const int* beaten, int* zero_gradients, float* x) {
    __shared__ unsigned scratch[4][kSelectWords];
    const int i = warp_row();
    if (i >= n) return;
    if (beaten != nullptr && beaten[i] >= 0) return;
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(d);
    const bool moved = l1_step_row(d, gradient == nullptr ? nullptr : gradient + at, origin + at, step_size, epsilon, top,
                                   scratch[threadIdx.x / kWarp], x + at);
    if (!moved && zero_gradients != nullptr && warp_lane() == 0) {
        ++zero_gradients[i];
    }
}
KERNEL_EXPORT(l1_step)
