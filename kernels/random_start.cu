#include "prelude.cuh"

KERNEL(128) random_start(int norm, int n, int d, const float* origin, const int* indices, float epsilon,
                              unsigned long long seed, unsigned stream, const int* cursor, unsigned restart, float* x) {
    const int i = warp_row();
    if (i >= n) return;
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(d);
    start_row(norm, d, origin + at, indices[i], epsilon, seed, stream_of(stream, cursor), restart, x + at);
}
KERNEL_EXPORT(random_start)
