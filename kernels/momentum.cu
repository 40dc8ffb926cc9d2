// MI-FGSM's memory (Dong et al. 2018, "Boosting adversarial attacks with momentum", equation 6), in place: momentum = decay
// momentum + g / |g|_1; a warp a row of d. A gradient that is zero throughout, or not all finite, adds nothing.
//
// gradient and momentum n x d float32; beaten n or null: rows with beaten[i] >= 0 are left alone; zero_gradients n or null:
// incremented where all of an active row's gradient is zero. n, d >= 1, decay >= 0. In double, in an order that depends on d
// alone: bits repeat; the CPU device's order is another, so values may differ from it in the last place.
//
// Launch: block 128 (4 rows); grid ceil(n / 4); no dynamic shared memory.
//
// Roofline. 12 bytes an element, the gradient's second reading from the first-level cache, and 5 double-precision operations: at
// n = 4096, d = 784: 39 MB, 12 us on an H100, 38 us on an RTX 4090 (operations, 2 double lanes a multiprocessor: 25 us); aim
// 60 %: the second pass waits for the first.
#include "prelude.cuh"

KERNEL(128) momentum(int n, int d, const float* gradient, float decay, const int* beaten, int* zero_gradients,
                     float* all_momenta) {
    const int i = warp_row();
    if (i >= n) return;
    if (beaten != nullptr && beaten[i] >= 0) return;
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(d);
    const float* g = gradient + at;
    float* m = all_momenta + at;
    const double size = row_sum(d, [&](int j) { return fabs(static_cast<double>(g[j])); });
    const bool finite = size < 1e100;  // the largest finite gradient is far below, infinity above
    const double factor = size > 0.0 && finite ? 1.0 / size : 0.0;
    const double kept = decay;
    for (int j = warp_lane(); j < d; j += kWarp) {
        const double added = finite ? static_cast<double>(g[j]) * factor : 0.0;
        m[j] = static_cast<float>(kept * static_cast<double>(m[j]) + added);
    }
    if (size == 0.0 && zero_gradients != nullptr && warp_lane() == 0) {
        ++zero_gradients[i];
    }
}
KERNEL_EXPORT(momentum)
