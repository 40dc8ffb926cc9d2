// W (out x in) as bfloat16 twice: as stored, for the forward product, and transposed, for the input gradient.
//
// w float32; forward: out rows of in values rounded up to a multiple of 8; backward: in rows of out values rounded up to a
// multiple of 8; padding is zero, so rows begin at multiples of 16 bytes. Rounded to nearest, ties to even. in, out >= 1.
//
// Launch: block 256; grid (ceil(in8 / 32), ceil(out8 / 32)), in8 and out8 the rounded widths; no dynamic shared memory
// (static: 4,224 bytes).
//
// Roofline. 4 + 2 + 2 bytes a weight, no arithmetic: 784 x 1024: 6.4 MB, 1.9 us on an H100, 6.4 us on an RTX 4090: about a
// launch's latency; aim 50 %.
#include "prelude.cuh"

KERNEL(256) dense_prepare_bf16(int in, int out, const float* w, unsigned short* forward, unsigned short* backward) {
    __shared__ float tile[32][33];
    const int in8 = (in + 7) / 8 * 8;
    const int out8 = (out + 7) / 8 * 8;
    const int x = static_cast<int>(threadIdx.x) % 32;
    const int y = static_cast<int>(threadIdx.x) / 32;
    const int first_column = static_cast<int>(blockIdx.x) * 32;
    const int first_row = static_cast<int>(blockIdx.y) * 32;
    const int column = first_column + x;
    for (int r = y; r < 32; r += 8) {
        const int row = first_row + r;
        const size_t at = static_cast<size_t>(row) * static_cast<size_t>(in) + static_cast<size_t>(column);
        const float v = row < out && column < in ? w[at] : 0.0f;
        tile[r][x] = v;
        if (row < out && column < in8) {
            const size_t to = static_cast<size_t>(row) * static_cast<size_t>(in8) + static_cast<size_t>(column);
            forward[to] = static_cast<unsigned short>(pack_bf16(v, 0.0f));
        }
    }
    __syncthreads();
    for (int c = y; c < 32; c += 8) {
        if (first_column + c < in && first_row + x < out8) {
            const size_t to = static_cast<size_t>(first_column + c) * static_cast<size_t>(out8);
            backward[to + static_cast<size_t>(first_row + x)] = static_cast<unsigned short>(pack_bf16(tile[x][c], 0.0f));
        }
    }
}
KERNEL_EXPORT(dense_prepare_bf16)
