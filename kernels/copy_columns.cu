// target[r][target_at + c] = source[r][source_at + c] for r < rows, c < columns.
//
// source rows x source_width, target rows x target_width, float32 at any 4-byte aligned address; rows, columns >= 1; they do
// not overlap. Exact.
//
// Launch: block 256; grid (ceil(columns / 256), min(ceil(rows / R), 65535)), R = 256 / min(columns, 256); no dynamic shared
// memory.
//
// Roofline. 8 bytes an element, least and as written: bytes limit (H100 2.4 us a million elements, RTX 4090 7.9 us); aim 75 %
// where runs of columns are whole lines of memory (loads of 4 bytes).
#include "prelude.cuh"

KERNEL(256) copy_columns(long long rows, int columns, const float* source, int source_width, int source_at, float* target,
                         int target_width, int target_at) {
    const MatrixPlace place = matrix_place(columns);
    if (!place.inside) return;
    for (long long row = place.row; row < rows; row += place.step) {
        target[row * target_width + target_at + place.column] = source[row * source_width + source_at + place.column];
    }
}
KERNEL_EXPORT(copy_columns)
