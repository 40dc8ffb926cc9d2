// The best iterate an example: the first that is misclassified (targeted: hits its target), else the one of the highest
// objective so far, loss (targeted: -loss). Once beaten a row is frozen, so stopping early on it changes nothing. A warp a
// row.
//
// x and best_x n x d, z n x c, labels, loss, best_objective and beaten n; best_x, best_objective and beaten are changed where
// this iterate is kept. Start with beaten = -1 and best_objective = -infinity. n, d, c >= 1. Bits are those of the CPU device.
//
// Launch: block 128 (4 rows); grid ceil(n / 4); no dynamic shared memory.
//
// Roofline. 4 n (c + 4) bytes, and 8 d for a row that is kept: at n = 4096, d = 784, all kept, 26 MB: 8 us on an H100, 26 us
// on an RTX 4090; aim 75 %.
#include "prelude.cuh"

KERNEL(128) keep_iterate(int n, int d, int c, const float* x, const float* z, const int* labels, const float* loss,
                         int targeted, int step, float* best_x, float* best_objective, int* beaten) {
    const int i = warp_row();
    if (i >= n) return;
    if (beaten[i] >= 0) return;
    const int predicted = arg_max_row(c, z + static_cast<size_t>(i) * static_cast<size_t>(c), -1);
    const bool success = (predicted == labels[i]) == (targeted != 0);
    const float objective = targeted != 0 ? -loss[i] : loss[i];
    const bool kept = success || objective > best_objective[i];
    __syncwarp();  // all lanes have read what the first one changes
    if (kept) {
        const size_t at = static_cast<size_t>(i) * static_cast<size_t>(d);
        const bool wide = is_wide(x, d) && is_wide(best_x, d);
#pragma unroll 2
        for (int j = 4 * warp_lane(); j < d; j += 4 * kWarp) {
            store_four(best_x + at + j, d - j, wide, load_four(x + at + j, d - j, wide));
        }
    }
    if (warp_lane() == 0) {
        if (kept) best_objective[i] = objective;
        if (success) beaten[i] = step;
    }
}
KERNEL_EXPORT(keep_iterate)
