// The position of a recorded training step, in device memory: cursor = {position in the epoch (examples), batch number in
// the epoch, epoch, spare}. So the step replays unchanged, and random numbers follow from position, never from a count of
// launches. The host writes cursor before an epoch.
//
// next_batch: indices[i] = order[cursor[0] + i]: the batch's examples. end_batch: the batch's losses and predictions go to
// their places in the epoch's, then the cursor moves on; it reads and writes cursor, so it is the step's last kernel.
// n >= 1; in end_batch 0 too: the next update is then of the same examples. order, epoch_losses and epoch_predictions hold an
// epoch's examples.
//
// Launch: next_batch block 256, grid ceil(n / 256); end_batch block 256, grid 1; no dynamic shared memory.
//
// Roofline. 8 and 16 bytes an example: at n = 4096 0.1 MB, far below a launch's latency; no share is claimed.
#include "prelude.cuh"

KERNEL(256) next_batch(int n, const int* order, const int* cursor, int* indices) {
    const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (i >= n) return;
    indices[i] = order[cursor[0] + i];
}
KERNEL_EXPORT(next_batch)

KERNEL(256) end_batch(int n, const float* losses, const int* predictions, int* cursor, float* epoch_losses,
                      int* epoch_predictions) {
    const int position = cursor[0];
    for (int i = static_cast<int>(threadIdx.x); i < n; i += 256) {
        epoch_losses[position + i] = losses[i];
        epoch_predictions[position + i] = predictions[i];
    }
    __syncthreads();  // all threads have read the position
    if (threadIdx.x == 0) {
        cursor[0] = position + n;
        cursor[1] += 1;
    }
}
KERNEL_EXPORT(end_batch)
