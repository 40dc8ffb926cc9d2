// APGD's step with momentum (Croce and Hein 2020, algorithm 1, lines 7 and 8), in place: z = project(x + step size * direction of
// g), x = project(x + momentum (z - x) + (1 - momentum) (x - previous)), previous = the x before. A warp a row of d.
//
// ascent_step_linf takes the gradient's sign, ascent_step_l2 the gradient over its length; gradient, origin, previous, x and
// workspace (L2 alone) n x d float32; state n x 6, of which [0] is the row's step size; beaten n or null: rows with beaten[i] >= 0 are left
// alone; zero_gradients n or null: incremented where all of an active row's gradient is zero. n, d >= 1, origin in [0,1], epsilon
// >= 0. Bits repeat; with L-inf they are those of the CPU device. Ball and box hold exactly, as after linf_step and l2_step.
//
// ascent_step_l2 leaves x without its last projection: l2_step without a gradient follows, which projects.
//
// Launch (both): block 128 (4 rows); grid ceil(n / 4); no dynamic shared memory.
//
// Roofline. L-inf: 24 bytes an element: at n = 4096, d = 784 77 MB, 23 us on an H100, 77 us on an RTX 4090; aim 75 %. L2: 32
// bytes least, and twice l2_step's operations in double: 31 us and 200 us; aim 50 %.
#include "prelude.cuh"

// x + momentum (z - x) + (1 - momentum) (x - previous).
DEVICE float mixed(float x, float z, float previous, float momentum) {
    const float along = __fadd_rn(x, __fmul_rn(momentum, __fsub_rn(z, x)));
    return __fadd_rn(along, __fmul_rn(__fsub_rn(1.0f, momentum), __fsub_rn(x, previous)));
}

KERNEL(128) ascent_step_linf(int n, int d, const float* gradient, const float* origin, const float* state, float momentum,
                             float epsilon, const int* beaten, int* zero_gradients, float* previous, float* x) {
    const int i = warp_row();
    if (i >= n) return;
    if (beaten != nullptr && beaten[i] >= 0) return;
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(d);
    const float step_size = state[static_cast<size_t>(i) * 6];
    bool moved = false;
    for (int j = warp_lane(); j < d; j += kWarp) {
        const float value = x[at + j];
        const float from = origin[at + j];
        const float g = gradient[at + j];
        moved |= g != 0.0f;
        const float z = linf_stepped(value, g, from, step_size, epsilon);
        x[at + j] = clip_linf(mixed(value, z, previous[at + j], momentum), from, epsilon);
        previous[at + j] = value;
    }
    if (!warp_any(moved) && zero_gradients != nullptr && warp_lane() == 0) {
        ++zero_gradients[i];
    }
}
KERNEL_EXPORT(ascent_step_linf)

KERNEL(128) ascent_step_l2(int n, int d, const float* gradient, const float* origin, const float* state, float momentum,
                           float epsilon, const int* beaten, int* zero_gradients, float* workspace, float* previous,
                           float* x) {
    const int i = warp_row();
    if (i >= n) return;
    if (beaten != nullptr && beaten[i] >= 0) return;
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(d);
    for (int j = warp_lane(); j < d; j += kWarp) {
        workspace[at + j] = x[at + j];
    }
    const float step_size = state[static_cast<size_t>(i) * 6];
    const bool moved = l2_step_row(d, gradient + at, origin + at, step_size, epsilon, workspace + at);
#pragma unroll 1
    for (int j = warp_lane(); j < d; j += kWarp) {
        const float value = x[at + j];
        x[at + j] = mixed(value, workspace[at + j], previous[at + j], momentum);
        previous[at + j] = value;
    }
    if (!moved && zero_gradients != nullptr && warp_lane() == 0) {
        ++zero_gradients[i];
    }
}
KERNEL_EXPORT(ascent_step_l2)
