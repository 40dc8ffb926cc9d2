// y = the mean of each window, and the gradient: dx = (the sum over windows of dy / count, in the order of outputs) *
// activation'(before). count: the window's values, with count_padding the kernel's size, padding counting as zeros.
//
// x, before, dx n x height x width x channels; y, dy n x out_height x out_width x channels; float32 at any 4-byte aligned
// address; before null with the identity. n and all sizes >= 1. Outputs are overwritten and overlap nothing. The sum is one
// chain of additions over rows, then columns, the quotient rounded to nearest; a window without a value gives 0. Bits repeat
// whatever n is.
//
// Launch: as max_pool and max_pool_gradient.
//
// Roofline. Bytes limit: 4 n (input + output), the gradient 4 n input more with `before`: at n = 256, 28x28 x 32, 2x2 stride
// 2: 32 MB, 10 us on an H100 and 32 us on an RTX 4090; aim 60 %.
#include "prelude.cuh"

namespace {

// Values of window o along one axis.
DEVICE int values_of(int o, int extent, int kernel, int stride, int padding, int dilation) {
    int count = 0;
    for (int k = 0; k < kernel; ++k) {
        const int at = o * stride - padding + k * dilation;
        count += at >= 0 && at < extent ? 1 : 0;
    }
    return count;
}

DEVICE int count_of(const PoolingShape& s, bool count_padding, int row, int column) {
    if (count_padding) return s.kernel_height * s.kernel_width;
    const int count = values_of(row, s.height, s.kernel_height, s.stride_y, s.top, s.dilation_y) *
                      values_of(column, s.width, s.kernel_width, s.stride_x, s.left, s.dilation_x);
    return count > 0 ? count : 1;
}

}  // namespace

KERNEL(256) average_pool(int n, POOLING_PARAMETERS, int count_padding, const float* x, float* y) {
    const PoolingShape s = POOLING_ARGUMENTS;
    const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (i >= s.output_size()) return;
    const Digits at = digits_of(i, {channels, out_width});
    const int first_row = at.high * stride_y - top;
    const int first_column = at.middle * stride_x - left;
    const float count = static_cast<float>(count_of(s, count_padding != 0, at.high, at.middle));
    for (int example = static_cast<int>(blockIdx.y); example < n; example += static_cast<int>(gridDim.y)) {
        const float* image = x + static_cast<size_t>(example) * static_cast<size_t>(s.input_size()) + at.low;
        float sum = 0.0f;
        for (int ky = 0; ky < kernel_height; ++ky) {
            const int row = first_row + ky * dilation_y;
            if (row < 0 || row >= height) continue;
            for (int kx = 0; kx < kernel_width; ++kx) {
                const int column = first_column + kx * dilation_x;
                if (column < 0 || column >= width) continue;
                sum = __fadd_rn(sum, image[(row * width + column) * channels]);
            }
        }
        y[static_cast<size_t>(example) * static_cast<size_t>(s.output_size()) + static_cast<size_t>(i)] =
                __fdiv_rn(sum, count);
    }
}
KERNEL_EXPORT(average_pool)

KERNEL(256) average_pool_gradient(int n, POOLING_PARAMETERS, int count_padding, const float* dy, const float* before,
                                  int activation, float slope, float* dx) {
    const PoolingShape s = POOLING_ARGUMENTS;
    const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (i >= s.input_size()) return;
    const Digits at = digits_of(i, {channels, width});
    const Range rows = windows_over(at.high, out_height, kernel_height, stride_y, top, dilation_y);
    const Range columns = windows_over(at.middle, out_width, kernel_width, stride_x, left, dilation_x);
    for (int example = static_cast<int>(blockIdx.y); example < n; example += static_cast<int>(gridDim.y)) {
        const size_t outputs = static_cast<size_t>(example) * static_cast<size_t>(s.output_size());
        float sum = 0.0f;
        for (int row = rows.first; row < rows.end; ++row) {
            if (!meets(row, at.high, stride_y, top, dilation_y)) continue;
            for (int column = columns.first; column < columns.end; ++column) {
                if (!meets(column, at.middle, stride_x, left, dilation_x)) continue;
                const float d = dy[outputs + static_cast<size_t>((row * out_width + column) * channels + at.low)];
                sum = __fadd_rn(sum, __fdiv_rn(d, static_cast<float>(count_of(s, count_padding != 0, row, column))));
            }
        }
        const size_t to = static_cast<size_t>(example) * static_cast<size_t>(s.input_size()) + static_cast<size_t>(i);
        dx[to] = activation == kIdentity ? sum : activation_derivative(activation, slope, before[to], sum);
    }
}
KERNEL_EXPORT(average_pool_gradient)
