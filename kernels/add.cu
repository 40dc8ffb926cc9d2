// y = activation(a + b).
//
// Flat float32 arrays of `length` >= 1 at any 4-byte aligned address; y may be a or b. Bits repeat, and are those of the CPU
// device.
//
// Launch: block 256; grid ceil(length / 1024); no dynamic shared memory.
//
// Roofline. 12 bytes an element, least and as written: bytes limit (H100 3.6 us a million elements, RTX 4090 11.9 us); aim
// 85 %.
#include "prelude.cuh"

KERNEL(256) add(long long length, const float* a, const float* b, int activation, float slope, float* y) {
    const long long at = four_at();
    if (at >= length) return;
    const int count = four_count(at, length);
    const bool wide = is_wide(a, 0) && is_wide(b, 0) && is_wide(y, 0);
    const Four left = load_four(a + at, count, wide);
    Four v = load_four(b + at, count, wide);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        v.v[i] = activate(activation, slope, left.v[i] + v.v[i]);
    }
    store_four(y + at, count, wide, v);
}
KERNEL_EXPORT(add)
