// Each example's matrix transposed: x n x rows x columns, y n x columns x rows, float32 at any 4-byte aligned address; y is
// not x. n, rows, columns >= 1. Exact.
//
// Launch: block 256; grid up(rows, 32) * up(columns, 32), min(n, 65535); no dynamic shared memory (static: 4,224 bytes).
//
// Roofline. 8 bytes an element, no arithmetic: at n = 256, 3 x 1024: 6.3 MB, 1.9 us on an H100, 6.3 us on an RTX 4090: about a
// launch's latency; aim 50 %, where both sides are at least 32.
#include "prelude.cuh"

KERNEL(256) transpose(int n, int rows, int columns, const float* x, float* y) {
    __shared__ float tile[32][33];
    const int tiles = (columns + 31) / 32;
    const int first_row = static_cast<int>(blockIdx.x) / tiles * 32;
    const int first_column = static_cast<int>(blockIdx.x) % tiles * 32;
    const int along = static_cast<int>(threadIdx.x) % 32;
    const int across = static_cast<int>(threadIdx.x) / 32;
    const size_t size = static_cast<size_t>(rows) * static_cast<size_t>(columns);
    for (int example = static_cast<int>(blockIdx.y); example < n; example += static_cast<int>(gridDim.y)) {
        const float* from = x + static_cast<size_t>(example) * size;
        float* to = y + static_cast<size_t>(example) * size;
        for (int r = across; r < 32; r += 8) {
            if (first_row + r < rows && first_column + along < columns) {
                tile[r][along] = from[static_cast<size_t>(first_row + r) * static_cast<size_t>(columns) +
                                      static_cast<size_t>(first_column + along)];
            }
        }
        __syncthreads();
        for (int c = across; c < 32; c += 8) {
            if (first_column + c < columns && first_row + along < rows) {
                to[static_cast<size_t>(first_column + c) * static_cast<size_t>(rows) +
                   static_cast<size_t>(first_row + along)] = tile[along][c];
            }
        }
        __syncthreads();
    }
}
KERNEL_EXPORT(transpose)
