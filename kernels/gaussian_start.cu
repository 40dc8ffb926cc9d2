// x = origin + deviation * a standard normal draw, projected onto ball and box: the start of TRADES (Zhang et al. 2019); a
// warp a row of d (prelude/start.cuh).
//
// origin and x n x d float32 (distinct), indices n: the examples' places in the data set, of which the numbers follow;
// stream = purpose << 24 | epoch; with cursor (or null) the epoch is cursor[2]. n, d >= 1, origin in [0,1]. Bits repeat
// whatever the batch; they may differ in the last place from the CPU device's (logarithms).
//
// Launch: block 128 (4 rows); grid ceil(n / 4); no dynamic shared memory.
//
// Roofline. 8 bytes, about 25 integer and 60 double operations an element. At n = 4096, d = 784: 26 MB, 0.2 G double
// operations: H100 8 us of bytes and 6 us of operations; RTX 4090 0.3 ms of operations; aim 50 %. Once an attack.
#include "prelude.cuh"

// Threads of a block, and blocks a multiprocessor: left to itself, ptxas saves registers here and spills.
#define GAUSSIAN_START_BOUNDS 128, 4

KERNEL(GAUSSIAN_START_BOUNDS) gaussian_start(int norm, int n, int d, const float* origin, const int* indices, float deviation,
                                             float epsilon, unsigned long long seed, unsigned stream, const int* cursor,
                                             unsigned restart, float* x) {
    const int i = warp_row();
    if (i >= n) return;
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(d);
    gaussian_row(d, indices[i], seed, stream_of(stream, cursor), restart, x + at);
    place_row(d, origin + at, static_cast<double>(deviation), x + at);
    switch (norm) {
        case kL2: project_l2(d, origin + at, epsilon, x + at); break;
        case kL1: project_l1(d, origin + at, epsilon, x + at); break;
        default:
            for (int j = warp_lane(); j < d; j += kWarp) x[at + j] = clip_linf(x[at + j], origin[at + j], epsilon);
            break;
    }
}
KERNEL_EXPORT(gaussian_start)
