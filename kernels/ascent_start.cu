// x = origin + epsilon * v / |v|: where APGD starts. ascent_start_linf: v uniform in [-1,1], projected onto ball and box;
// ascent_gaussian (Box and Muller), then ascent_start_l2 on what it drew, and l2_step without a gradient, which projects. Numbered
// as random_start's draws. A warp a row of d.
//
// origin and x n x d float32 (distinct), indices n; stream = purpose << 24 | epoch. n, d >= 1, origin
// in [0,1], epsilon >= 0. Bits repeat whatever the batch; L-inf starts have the bits of the CPU device, L2 starts may differ in
// the last place (logarithms, order of sums).
//
// Launch (all): block 128 (4 rows); grid ceil(n / 4); no dynamic shared memory.
//
// Roofline. 16 bytes an element, x being read back once; else as random_start: at n = 4096, d = 784, L-inf 51 MB, 15 us on an
// H100, 51 us on an RTX 4090. Once an attack.
#include "prelude.cuh"

KERNEL(128) ascent_start_linf(int n, int d, const float* origin, const int* indices, float epsilon,
                              unsigned long long seed, unsigned stream, unsigned restart, float* x) {
    const int i = warp_row();
    if (i >= n) return;
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(d);
    float largest = 0.0f;
    philox_row(d, indices[i], seed, stream, restart, [&](int j, uint4 words) {
        const unsigned word[4] = {words.x, words.y, words.z, words.w};
#pragma unroll
        for (int e = 0; e < 4; ++e) {
            const float v = __fsub_rn(__fmul_rn(2.0f, uniform_of(word[e])), 1.0f);
            if (j + e < d) {
                x[at + j + e] = v;
                largest = fabsf(v) > largest ? fabsf(v) : largest;
            }
        }
    });
    largest = warp_max(largest);
    __syncwarp();
    for (int j = warp_lane(); j < d; j += kWarp) {
        const float from = origin[at + j];
        const float v = x[at + j];
        x[at + j] = clip_linf(largest > 0 ? __fadd_rn(from, __fmul_rn(epsilon, __fdiv_rn(v, largest))) : from, from, epsilon);
    }
}
KERNEL_EXPORT(ascent_start_linf)

KERNEL(128) ascent_gaussian(int n, int d, const int* indices, unsigned long long seed, unsigned stream, unsigned restart,
                            float* x) {
    const int i = warp_row();
    if (i >= n) return;
    gaussian_row(d, indices[i], seed, stream, restart, x + static_cast<size_t>(i) * static_cast<size_t>(d));
}
KERNEL_EXPORT(ascent_gaussian)

KERNEL(128) ascent_start_l2(int n, int d, const float* origin, float epsilon, float* x) {
    const int i = warp_row();
    if (i >= n) return;
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(d);
    const double length = gaussian_length(d, x + at);
    place_row(d, origin + at, length > 0 ? static_cast<double>(epsilon) / length : 0.0, x + at);
}
KERNEL_EXPORT(ascent_start_l2)
