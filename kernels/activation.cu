// Activations on their own (a dense layer applies its activation in its epilogue), and their derivatives by the
// activation's output: y = activation(x); dx = dy * activation'(.).
//
// Flat float32 arrays of `length` >= 1 at any 4-byte aligned address; y may be x, dx may be dy. Bits repeat, and are those
// of the CPU device.
//
// Launch (activation_forward, activation_gradient): block 256; grid ceil(length / 1024); no dynamic shared memory.
//
// Roofline. 8 bytes an element forward and 12 backward, least and as written; at most about 40 FLOPs (tanh), 5 FLOP/byte:
// bytes limit (H100 2.4 and 3.6 us a million elements, RTX 4090 7.9 and 11.9 us); aim 85 %.
#include "prelude.cuh"

KERNEL(256) activation_forward(long long length, const float* x, int activation, float slope, float* y) {
    const long long at = four_at();
    if (at >= length) return;
    const int count = four_count(at, length);
    const bool wide = is_wide(x, 0) && is_wide(y, 0);
    Four v = load_four(x + at, count, wide);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        v.v[i] = activate(activation, slope, v.v[i]);
    }
    store_four(y + at, count, wide, v);
}
KERNEL_EXPORT(activation_forward)

KERNEL(256) activation_gradient(long long length, const float* y, const float* dy, int activation, float slope,
                                float* dx) {
    const long long at = four_at();
    if (at >= length) return;
    const int count = four_count(at, length);
    const bool wide = is_wide(y, 0) && is_wide(dy, 0) && is_wide(dx, 0);
    const Four output = load_four(y + at, count, wide);
    Four v = load_four(dy + at, count, wide);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        v.v[i] = activation_derivative(activation, slope, output.v[i], v.v[i]);
    }
    store_four(dx + at, count, wide, v);
}
KERNEL_EXPORT(activation_gradient)
