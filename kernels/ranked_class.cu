// The class of the rank-th largest logit other than the label's, ties by class; a warp a row of c (prelude/loss.cuh).
//
// z n x c float32, labels n in [0, c), out n; n >= 1, 1 <= rank < c. Bits are those of the CPU device.
//
// Launch: block 128 (4 rows); grid ceil(n / 4); no dynamic shared memory.
//
// Roofline. 4 n (c + 2) bytes, `rank` scans of a row: at n = 4096, c = 10 0.2 MB: a launch's latency limits. Once an attack.
#include "prelude.cuh"

KERNEL(128) ranked_class(int n, int c, const float* z, const int* labels, int rank, int* out) {
    const int i = warp_row();
    if (i >= n) return;
    const float* row = z + static_cast<size_t>(i) * static_cast<size_t>(c);
    int found = -1;
    for (int r = 0; r < rank; ++r) {
        found = next_class_row(c, row, labels[i], found);
    }
    if (warp_lane() == 0) {
        out[i] = found;
    }
}
KERNEL_EXPORT(ranked_class)
