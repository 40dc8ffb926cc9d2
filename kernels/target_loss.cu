// Losses towards one class t, with their logit gradients: kind 0 the difference of logits ratio -(z_y - z_t) / (z_p1 - (z_p3 +
// z_p4) / 2 + 1e-12) (Croce and Hein 2020, equation 7; p: classes by their logits, largest first), kind 1 the margin z_t - z_y.
// targets null (kind 0 alone): the untargeted ratio, equation 6, t the largest other class and p4 = p3. A warp a row of c.
//
// z n x c float32, labels n and targets n or null in [0, c), loss n or null, gradient n x c or null (may be z); n >= 1, c >= 2,
// for kind 0 c >= 3, with targets 4. In double, rounded once. Bits repeat, and are those of the CPU device.
//
// Launch: block 128 (4 rows); grid ceil(n / 4); no dynamic shared memory.
//
// Roofline. 4 n (2 c + 3) bytes and up to five scans of a row: at n = 4096, c = 10 0.4 MB, 0.1 us on an H100, 0.4 us on an RTX
// 4090: a launch's latency limits; no share is claimed.
#include "prelude.cuh"

KERNEL(128) target_loss(int kind, int n, int c, const float* z, const int* labels, const int* targets, float factor,
                        float* loss, float* gradient) {
    const int i = warp_row();
    if (i >= n) return;
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(c);
    const float* row = z + at;
    const int label = labels[i];
    const int target = targets != nullptr ? targets[i] : next_class_row(c, row, label, -1);
    const double gap = static_cast<double>(row[target]) - static_cast<double>(row[label]);
    int first = 0, third = 0, fourth = 0;
    double push = 1.0;  // of the gap on the loss: 1 / spread
    double pull = 0.0;  // of the spread: gap / spread^2
    if (kind == 0) {
        first = next_class_row(c, row, -1, -1);
        third = next_class_row(c, row, -1, next_class_row(c, row, -1, first));
        fourth = targets != nullptr ? next_class_row(c, row, -1, third) : third;
        const double low = 0.5 * (static_cast<double>(row[third]) + static_cast<double>(row[fourth]));
        push = 1.0 / (static_cast<double>(row[first]) - low + 1e-12);
        pull = gap * push * push;
    }
    __syncwarp();  // gradient may be z
    if (loss != nullptr && warp_lane() == 0) {
        loss[i] = static_cast<float>(gap * push);
    }
    if (gradient != nullptr) {
        for (int j = warp_lane(); j < c; j += kWarp) {
            const double direct = (j == target ? push : 0.0) - (j == label ? push : 0.0);
            const double low = (j == third ? 0.5 * pull : 0.0) + (j == fourth ? 0.5 * pull : 0.0);
            gradient[at + j] =
                    static_cast<float>(static_cast<double>(factor) * (direct - (j == first ? pull : 0.0) + low));
        }
    }
}
KERNEL_EXPORT(target_loss)
