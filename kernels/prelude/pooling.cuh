// What the pooling kernels share. Images lie channels last on both sides.
#pragma once

struct PoolingShape {
    int channels, height, width, out_height, out_width;
    int kernel_height, kernel_width, stride_y, stride_x, top, left, dilation_y, dilation_x;

    DEVICE int input_size() const { return channels * height * width; }
    DEVICE int output_size() const { return channels * out_height * out_width; }
};

#define POOLING_PARAMETERS                                                                                                   \
    int channels, int height, int width, int out_height, int out_width, int kernel_height, int kernel_width, int stride_y, \
            int stride_x, int top, int left, int dilation_y, int dilation_x
#define POOLING_ARGUMENTS                                                                                      \
    PoolingShape {                                                                                             \
        channels, height, width, out_height, out_width, kernel_height, kernel_width, stride_y, stride_x, top, \
                left, dilation_y, dilation_x                                                                   \
    }

// The windows whose span holds a position, along one axis; with dilation some of them step over it.
struct Range {
    int first, end;
};
DEVICE Range windows_over(int at, int outputs, int kernel, int stride, int padding, int dilation) {
    const int last = (at + padding) / stride;
    const int before = at + padding - (kernel - 1) * dilation;
    return {before > 0 ? (before + stride - 1) / stride : 0, last < outputs ? last + 1 : outputs};
}

// Whether a window whose span holds the position has it.
DEVICE bool meets(int window, int at, int stride, int padding, int dilation) {
    return (at + padding - window * stride) % dilation == 0;
}
