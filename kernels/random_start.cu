// x = origin + a uniform draw from the ball of a norm, a warp a row of d (prelude/start.cuh): projected onto ball and box
// where start is 1 (sp_start), as drawn where it is 2; and the Philox words themselves (prelude/philox.cuh).
//
// origin and x n x d float32 (distinct), indices n: the examples' places in the data set, of which the numbers follow;
// stream = purpose << 24 | epoch; with cursor (or null) the epoch is cursor[2]. words n x d. n, d >= 1, origin in [0,1].
// Bits repeat whatever the batch; words and L-inf starts have the bits of the CPU device, L2 and L1 starts may differ in
// the last place (logarithms, order of sums).
//
// Launch (random_start, random_words): block 128 (4 rows); grid ceil(n / 4); no dynamic shared memory.
//
// Roofline. 8 bytes an element (words: 4). About 25 integer operations an element for Philox and 20 for the bounds. At n =
// 4096, d = 784, L-inf: 26 MB, 0.15 G operations: H100 bytes, 8 us; RTX 4090 bytes, 26 us; aim 60 %. L2 and L1 take one
// logarithm in double or more an element (about 60 double operations): H100 12 us, 4090 0.3 ms. Once an attack.
#include "prelude.cuh"

KERNEL(128) random_start(int norm, int start, int n, int d, const float* origin, const int* indices, float epsilon,
                         unsigned long long seed, unsigned stream, const int* cursor, unsigned restart, float* x) {
    const int i = warp_row();
    if (i >= n) return;
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(d);
    start_row(norm, start, d, origin + at, indices[i], epsilon, seed, stream_of(stream, cursor), restart, x + at);
}
KERNEL_EXPORT(random_start)

KERNEL(128) random_words(int n, int d, const int* indices, unsigned long long seed, unsigned stream, unsigned restart,
                         unsigned* words) {
    const int i = warp_row();
    if (i >= n) return;
    unsigned* row = words + static_cast<size_t>(i) * static_cast<size_t>(d);
    philox_row(d, indices[i], seed, stream, restart, [&](int j, uint4 four) {
        row[j] = four.x;
        if (j + 1 < d) row[j + 1] = four.y;
        if (j + 2 < d) row[j + 2] = four.z;
        if (j + 3 < d) row[j + 3] = four.w;
    });
}
KERNEL_EXPORT(random_words)
