// y = x / (1 - probability), or 0 where an element's uniform draw is below the probability: element e of the stream at the
// example's index, with the layer as restart. The mask is never stored, as its words can be drawn again.
//
// x and y n x d (y may be x), indices of n; n, d >= 1, n * ceil(d / 4) < 2^31; cursor (null: the stream has the epoch): see
// cursor.cu. Bits repeat whatever n is, and are those of the CPU device.
//
// Launch: block 256; grid ceil(n * ceil(d / 4) / 256); no dynamic shared memory.
//
// Roofline. 8 bytes and about 30 integer operations an element: the integers limit on an H100 (about 3 us a million elements,
// bytes 2.4), bytes on an RTX 4090 (7.9 us); aim 60 %.
#include "prelude.cuh"

KERNEL(256) dropout(int n, int d, const float* x, const int* indices, unsigned long long seed, unsigned stream,
                    const int* cursor, unsigned layer, float probability, float* y) {
    const int runs = (d + 3) / 4;
    const int at = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    const int i = at / runs;
    if (i >= n) return;
    const int block = at % runs;
    const uint4 words = philox_block(seed, static_cast<unsigned>(block), static_cast<unsigned>(indices[i]), layer,
                                     stream_of(stream, cursor));
    const unsigned drawn[4] = {words.x, words.y, words.z, words.w};
    const float scale = 1.0f / (1.0f - probability);
    const size_t from = static_cast<size_t>(i) * static_cast<size_t>(d) + 4 * static_cast<size_t>(block);
    const int count = d - 4 * block;
    Four v = load_four(x + from, count, is_wide(x, d));
#pragma unroll
    for (int e = 0; e < 4; ++e) {
        v.v[e] = uniform_of(drawn[e]) < probability ? 0.0f : v.v[e] * scale;
    }
    store_four(y + from, count, is_wide(y, d), v);
}
KERNEL_EXPORT(dropout)
