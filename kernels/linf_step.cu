// x = clip(x + step_size * sign(gradient)) onto the L-inf ball about the origin and the box [0,1], in place; a warp a row
// of d. The plain version is linf_step_row of prelude/step.cuh; this one moves runs of four.
//
// gradient n x d or null (then x is only clipped), origin and x n x d float32; beaten n or null: rows with beaten[i] >= 0
// are left alone; zero_gradients n or null: incremented where all of an active row's gradient is zero. n, d >= 1, origin in
// [0,1], epsilon >= 0. Bits repeat, and are those of the CPU device. The distance in exact arithmetic is at most epsilon.
//
// Launch: block 128 (4 rows); grid ceil(n / 4); no dynamic shared memory.
//
// Roofline. 16 bytes an element and about 20 FLOPs: bytes limit. At n = 4096, d = 784: 51 MB, 15 us on an H100, 51 us on an
// RTX 4090 (less where its L2 of 72 MB holds them); aim 75 %.
#include "prelude.cuh"

KERNEL(128) linf_step(int n, int d, const float* gradient, const float* origin, float step_size, float epsilon,
                      const int* beaten, int* zero_gradients, float* x) {
    const int i = warp_row();
    if (i >= n) return;
    if (beaten != nullptr && beaten[i] >= 0) return;
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(d);
    const bool wide = is_wide(x, d) && is_wide(origin, d) && is_wide(gradient, d);
    bool moved = gradient == nullptr;
#pragma unroll 2
    for (int j = 4 * warp_lane(); j < d; j += 4 * kWarp) {
        const int count = d - j;
        const Four g = gradient != nullptr ? load_four(gradient + at + j, count, wide) : Four{};
        const Four from = load_four(origin + at + j, count, wide);
        Four v = load_four(x + at + j, count, wide);
#pragma unroll
        for (int e = 0; e < 4; ++e) {
            moved |= g.v[e] != 0.0f;  // what lies past the row is zero
            v.v[e] = gradient != nullptr ? linf_stepped(v.v[e], g.v[e], from.v[e], step_size, epsilon)
                                         : clip_linf(v.v[e], from.v[e], epsilon);
        }
        store_four(x + at + j, count, wide, v);
    }
    if (!warp_any(moved) && zero_gradients != nullptr && warp_lane() == 0) {
        ++zero_gradients[i];
    }
}
KERNEL_EXPORT(linf_step)
