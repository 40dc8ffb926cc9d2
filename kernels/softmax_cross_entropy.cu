// Softmax cross-entropy from logits, loss and logit gradient in one pass, in log-space; a warp a row of c
// (prelude/loss.cuh). loss = log sum exp z - z_y; gradient = factor * (softmax(z) - onehot(y)).
//
// rescaled: the gradient times a positive number an example. Attack steps are free of scale, and this form neither
// underflows nor cancels for confident models, where 1 - p is zero in float32 (cleverhans issue 350).
//
// z n x c float32, labels n in [0, c), loss n or null, gradient n x c or null (may be z); n, c >= 1. Bits repeat; the
// gradient has the bits of the CPU device.
//
// Launch: block 128 (4 rows); grid ceil(n / 4); no dynamic shared memory.
//
// Roofline. 4 n (2 c + 2) bytes, about 45 n c FLOPs (5 FLOP/byte), and sums of c terms one after another (2 c chained adds a
// row). At n = 4096, c = 10: 0.36 MB, 0.1 us on an H100, 0.4 us on an RTX 4090: a launch's latency limits (about 2 us); no
// share is claimed. c = 1000: 33 MB, 10 us and 32 us, the chains 3 us: aim 60 %.
#include "prelude.cuh"

KERNEL(128) softmax_cross_entropy(int n, int c, const float* z, const int* labels, float factor, int rescaled, float* loss, float* gradient) {
    const int i = warp_row();
    if (i >= n) return;
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(c);
    softmax_cross_entropy_row(c, z + at, labels[i], factor, rescaled, loss == nullptr ? nullptr : loss + i,
           gradient == nullptr ? nullptr : gradient + at);
}
KERNEL_EXPORT(softmax_cross_entropy)
