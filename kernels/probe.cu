// Probes around a point and what is learnt from their losses (NES: Ilyas et al. 2018; HopSkipJump: Chen et al. 2020), a warp a
// row of d.
//
// noise_probe: x = clip(point + scale * scales[i] * u) onto the box [0,1]; scales n or null (1). draw 0: u standard normal; 1:
// the same over its length; 2: uniform in [-1,1]^d over its length. Words are those of random_words (prelude/philox.cuh), with
// `number` in the restart's place.
// nes_estimate: gradient = (first ? 0 : gradient) + (loss[i] - base[i]) * (x - point).
//
// point, x and gradient n x d float32 (distinct); base, loss, indices n; done n or null: rows with done[i] >= 0 are left alone.
// n, d >= 1, point in [0,1]. Bits repeat whatever the batch. nes_estimate has the bits of the CPU device; noise_probe may
// differ in the last place (logarithms, order of sums).
//
// Launch (both): block 128 (4 rows); grid ceil(n / 4); no dynamic shared memory.
//
// Roofline. noise_probe: 8 bytes, about 25 integer and 60 double operations an element: at n = 4096, d = 784: 26 MB, 0.2 G
// double operations: H100 8 us of bytes and 6 us of operations; RTX 4090 0.3 ms of operations; aim 50 %. nes_estimate: 16 bytes
// an element, 51 MB: 15 us and 51 us; aim 60 %. A forward pass of the model goes with each.
#include "prelude.cuh"

// Threads of a block, and blocks a multiprocessor: left to itself, ptxas saves registers here and spills.
#define NOISE_PROBE_BOUNDS 128, 4

KERNEL(NOISE_PROBE_BOUNDS) noise_probe(int draw, int n, int d, const float* points, const int* indices, float factor,
                                       const float* scales, unsigned long long seed, unsigned stream, unsigned number,
                                       const int* done, float* xs) {
    const int i = warp_row();
    if (i >= n) return;
    if (done != nullptr && done[i] >= 0) return;
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(d);
    float* x = xs + at;
    if (draw == 2) {
        philox_row(d, indices[i], seed, stream, number, [&](int j, uint4 words) {
            put_four(d, j, 2.0f * uniform_of(words.x) - 1.0f, 2.0f * uniform_of(words.y) - 1.0f,
                     2.0f * uniform_of(words.z) - 1.0f, 2.0f * uniform_of(words.w) - 1.0f, x);
        });
        __syncwarp();
    } else {
        gaussian_row(d, indices[i], seed, stream, number, x);
    }
    double scale = static_cast<double>(factor);
    if (scales != nullptr) {
        scale *= static_cast<double>(scales[i]);
    }
    if (draw != 0) {
        const double length = gaussian_length(d, x);
        scale = length > 0.0 ? scale / length : 0.0;
    }
    const float* point = points + at;
#pragma unroll 1
    for (int j = warp_lane(); j < d; j += kWarp) {
        x[j] = clip_box(static_cast<float>(static_cast<double>(point[j]) + scale * static_cast<double>(x[j])));
    }
}
KERNEL_EXPORT(noise_probe)

KERNEL(128) nes_estimate(int n, int d, const float* points, const float* xs, const float* base, const float* loss, int first,
                         const int* done, float* gradients) {
    const int i = warp_row();
    if (i >= n) return;
    if (done != nullptr && done[i] >= 0) return;
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(d);
    const double rise = difference_of(loss[i], base[i]);
    float* gradient = gradients + at;
#pragma unroll 2
    for (int j = warp_lane(); j < d; j += kWarp) {
        const double before = first != 0 ? 0.0 : static_cast<double>(gradient[j]);
        gradient[j] = static_cast<float>(before + rise * difference_of(xs[at + j], points[at + j]));
    }
}
KERNEL_EXPORT(nes_estimate)
