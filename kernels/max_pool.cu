// y = the largest value of each window, padding left out, and `chosen`, where in its image it lies (row * width + column);
// ties: the first in rows, then columns; the first value that is not a number is the largest. And the gradient: dx = (the sum
// of dy over the windows that chose the position, in the order of outputs) * activation'(before).
//
// x, before, dx n x height x width x channels; y, dy, chosen n x out_height x out_width x channels; float32, chosen int32, at
// any 4-byte aligned address; before null with the identity. n and all sizes >= 1. Outputs are overwritten and overlap
// nothing. A window without a value (dilation may step over a small image) gives -infinity, and -1 as its choice. Exact
// forward; the gradient is one chain of additions an element. Bits repeat whatever n is.
//
// Launch: block 256; max_pool grid up(out_height * out_width * channels, 256), min(n, 65535); max_pool_gradient grid
// up(height * width * channels, 256), min(n, 65535); no dynamic shared memory.
//
// Roofline. Bytes limit: forward 4 n input + 8 n output, gradient 4 n input (8 with `before`) + 8 n output: at n = 256, 28x28
// x 32, 2x2 stride 2: 39 MB forward, 12 us on an H100 and 39 us on an RTX 4090; aim 60 %. Neighbouring threads have
// neighbouring channels; windows that overlap are read again from L1.
#include "prelude.cuh"

KERNEL(256) max_pool(int n, POOLING_PARAMETERS, const float* x, float* y, int* chosen) {
    const PoolingShape s = POOLING_ARGUMENTS;
    const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (i >= s.output_size()) return;
    const Digits at = digits_of(i, {channels, out_width});
    const int first_row = at.high * stride_y - top;
    const int first_column = at.middle * stride_x - left;
    for (int example = static_cast<int>(blockIdx.y); example < n; example += static_cast<int>(gridDim.y)) {
        const float* image = x + static_cast<size_t>(example) * static_cast<size_t>(s.input_size()) + at.low;
        float best = __uint_as_float(0xff800000u);
        int where = -1;
        for (int ky = 0; ky < kernel_height; ++ky) {
            const int row = first_row + ky * dilation_y;
            if (row < 0 || row >= height) continue;
            for (int kx = 0; kx < kernel_width; ++kx) {
                const int column = first_column + kx * dilation_x;
                if (column < 0 || column >= width) continue;
                const float v = image[(row * width + column) * channels];
                if (where < 0 || v > best || (v != v && best == best)) {
                    best = v;
                    where = row * width + column;
                }
            }
        }
        const size_t to = static_cast<size_t>(example) * static_cast<size_t>(s.output_size()) + static_cast<size_t>(i);
        y[to] = best;
        chosen[to] = where;
    }
}
KERNEL_EXPORT(max_pool)

KERNEL(256) max_pool_gradient(int n, POOLING_PARAMETERS, const float* dy, const int* chosen, const float* before,
                              int activation, float slope, float* dx) {
    const PoolingShape s = POOLING_ARGUMENTS;
    const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (i >= s.input_size()) return;
    const Digits at = digits_of(i, {channels, width});
    const Range rows = windows_over(at.high, out_height, kernel_height, stride_y, top, dilation_y);
    const Range columns = windows_over(at.middle, out_width, kernel_width, stride_x, left, dilation_x);
    const int here = at.high * width + at.middle;
    for (int example = static_cast<int>(blockIdx.y); example < n; example += static_cast<int>(gridDim.y)) {
        const size_t outputs = static_cast<size_t>(example) * static_cast<size_t>(s.output_size());
        float sum = 0.0f;
        for (int row = rows.first; row < rows.end; ++row) {
            for (int column = columns.first; column < columns.end; ++column) {
                const size_t o = outputs + static_cast<size_t>((row * out_width + column) * channels + at.low);
                if (chosen[o] == here) {
                    sum = __fadd_rn(sum, dy[o]);
                }
            }
        }
        const size_t to = static_cast<size_t>(example) * static_cast<size_t>(s.input_size()) + static_cast<size_t>(i);
        dx[to] = activation == kIdentity ? sum : activation_derivative(activation, slope, before[to], sum);
    }
}
KERNEL_EXPORT(max_pool_gradient)
