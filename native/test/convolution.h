// A convolution's geometry as the kernels take it, and plain loops over it: operands of each sum, gathered in its order.
#pragma once

#include <utility>
#include <vector>

#include "launch.h"
#include "reference.h"
#include "test.h"

namespace reference {

struct Convolution {
    int channels, height, width, filters, kernel_height, kernel_width;
    int stride_y = 1, stride_x = 1, top = 0, left = 0, bottom = 0, right = 0, dilation_y = 1, dilation_x = 1, groups = 1;
    bool channels_first = false;

    int out_height() const { return (height + top + bottom - (kernel_height - 1) * dilation_y - 1) / stride_y + 1; }
    int out_width() const { return (width + left + right - (kernel_width - 1) * dilation_x - 1) / stride_x + 1; }
    int group_channels() const { return channels / groups; }
    int group_filters() const { return filters / groups; }
    int taps() const { return kernel_height * kernel_width; }
    int depth() const { return taps() * group_channels(); }
    size_t input_size() const { return size_t(channels) * height * width; }
    size_t output_size() const { return size_t(filters) * out_height() * out_width(); }
    size_t weight_size() const { return size_t(filters) * depth(); }

    // Where an element of an input lies, or -1 where a tap falls outside the image.
    long input_at(int example, int y, int x, int channel) const {
        if (y < 0 || y >= height || x < 0 || x >= width) {
            return -1;
        }
        const size_t inside = channels_first ? (size_t(channel) * height + y) * width + x
                                             : (size_t(y) * width + x) * channels + channel;
        return long(size_t(example) * input_size() + inside);
    }
    size_t output_at(int example, int y, int x, int filter) const {
        return size_t(example) * output_size() + (size_t(y) * out_width() + x) * filters + filter;
    }
    size_t weight_at(int filter, int ky, int kx, int channel_of_group) const {
        return ((size_t(filter) * kernel_height + ky) * kernel_width + kx) * group_channels() + channel_of_group;
    }

    // body(ky, kx, channel of the group, where in x or -1) in the order of a forward sum.
    template <class Body>
    void each_tap(int example, int oy, int ox, int group, const Body& body) const {
        for (int ky = 0; ky < kernel_height; ky++) {
            for (int kx = 0; kx < kernel_width; kx++) {
                for (int c = 0; c < group_channels(); c++) {
                    body(ky, kx, c,
                         input_at(example, oy * stride_y - top + ky * dilation_y, ox * stride_x - left + kx * dilation_x,
                                  group * group_channels() + c));
                }
            }
        }
    }

    // The operands of one element of the input gradient, in order: dy and w.
    std::pair<std::vector<float>, std::vector<float>> gradient_operands(const float* dy, const float* w, int example, int y,
                                                                        int x, int channel) const {
        std::pair<std::vector<float>, std::vector<float>> operands;
        const int group = channel / group_channels();
        for (int ky = 0; ky < kernel_height; ky++) {
            for (int kx = 0; kx < kernel_width; kx++) {
                const int oy = y + top - ky * dilation_y, ox = x + left - kx * dilation_x;
                if (oy < 0 || ox < 0 || oy % stride_y != 0 || ox % stride_x != 0 || oy / stride_y >= out_height() ||
                    ox / stride_x >= out_width()) {
                    continue;
                }
                for (int f = group * group_filters(); f < (group + 1) * group_filters(); f++) {
                    operands.first.push_back(dy[output_at(example, oy / stride_y, ox / stride_x, f)]);
                    operands.second.push_back(w[weight_at(f, ky, kx, channel % group_channels())]);
                }
            }
        }
        return operands;
    }
    Product gradient(Precision precision, const float* dy, const float* w, int example, int y, int x, int channel) const {
        const auto operands = gradient_operands(dy, w, example, y, x, channel);
        return product(precision, int(operands.first.size()), operands.first.data(), 1, operands.second.data(), 1);
    }
    unsigned gradient_grid(int n) const {
        const int k = group_channels(), block = k <= 8 && stride_x % dilation_x == 0 ? 16 / k : 1;
        const long long rows = (long long)n * blocks(height, stride_y) * blocks(blocks(width, stride_x), block);
        return unsigned(stride_y * stride_x) * grid(rows, block * k);
    }
    unsigned grid(long long rows, int columns) const {
        return blocks(rows, columns <= 16 ? 32 : 64) * unsigned(groups) *
               blocks(columns, columns <= 16 ? 16 : columns <= 32 ? 32 : 64);
    }
};

// Kernels with and without padding, stride, dilation and groups; sides that differ; channels around the tiles' columns, in
// fours and not; images smaller than their kernel; a stride that leaves positions without a tap; few channels and several
// blocks of positions a row.
inline std::vector<Convolution> convolutions() {
    std::vector<Convolution> all;
    const auto add = [&](int channels, int height, int width, int filters, int kh, int kw) -> Convolution& {
        all.push_back({channels, height, width, filters, kh, kw});
        return all.back();
    };
    const auto pad = [](Convolution& c, int p) { c.top = c.left = c.bottom = c.right = p; };
    add(1, 1, 1, 1, 1, 1);
    pad(add(1, 9, 11, 7, 5, 5), 2);
    {
        Convolution& c = add(3, 8, 9, 20, 4, 4);
        c.stride_y = c.stride_x = 2;
        pad(c, 1);
        c.channels_first = true;
    }
    {
        Convolution& c = add(6, 7, 10, 36, 3, 2);
        c.stride_y = 2, c.stride_x = 3;
        c.top = 2, c.bottom = 1, c.right = 1;
    }
    {
        Convolution& c = add(16, 9, 8, 40, 3, 3);
        c.dilation_y = 2, c.dilation_x = 3;
        c.stride_y = c.stride_x = 2;
        pad(c, 3);
        c.groups = 2;
    }
    {
        Convolution& c = add(8, 6, 6, 24, 3, 3);
        c.groups = 8;
        pad(c, 1);
    }
    {
        Convolution& c = add(36, 5, 5, 68, 1, 1);
        c.stride_y = c.stride_x = 3;
    }
    pad(add(1, 3, 37, 18, 3, 3), 1);
    {
        Convolution& c = add(2, 6, 43, 5, 2, 4);
        c.stride_y = c.stride_x = c.dilation_x = 2;
        c.left = 3, c.right = 2;
    }
    pad(add(40, 4, 3, 5, 3, 3), 1);
    pad(add(4, 2, 2, 33, 3, 3), 2);
    return all;
}

template <class... Rest>
void launch_convolution(const std::string& name, unsigned grid, int n, const Convolution& c, Rest&&... rest) {
    const std::string error = test::try_launch(
            name.c_str(), {grid}, {128}, 0, n, c.channels, c.height, c.width, c.filters, c.out_height(), c.out_width(),
            c.kernel_height, c.kernel_width, c.stride_y, c.stride_x, c.top, c.left, c.dilation_y, c.dilation_x, c.groups,
            int(c.channels_first), std::forward<Rest>(rest)...);
    if (!error.empty()) {
        test::stop(error);
    }
}

}  // namespace reference
