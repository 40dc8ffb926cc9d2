// A pooling's geometry as the kernels take it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "launch.h"
#include "reference.h"
#include "test.h"

namespace reference {

struct Pooling {
    int channels, height, width, kernel_height, kernel_width;
    int stride_y = 1, stride_x = 1, top = 0, left = 0, bottom = 0, right = 0, dilation_y = 1, dilation_x = 1;

    int out_height() const { return (height + top + bottom - (kernel_height - 1) * dilation_y - 1) / stride_y + 1; }
    int out_width() const { return (width + left + right - (kernel_width - 1) * dilation_x - 1) / stride_x + 1; }
    int pixels() const { return height * width; }
    size_t input_size() const { return size_t(channels) * pixels(); }
    size_t output_size() const { return size_t(channels) * out_height() * out_width(); }

    // body(output's index in its example, channel, where in the image) for each value of each window, in order.
    template <class Body>
    void each_value(const Body& body) const {
        for (size_t o = 0; o < output_size(); o++) {
            const int channel = int(o) % channels, ox = int(o) / channels % out_width(), oy = int(o) / channels / out_width();
            for (int ky = 0; ky < kernel_height; ky++) {
                for (int kx = 0; kx < kernel_width; kx++) {
                    const int y = oy * stride_y - top + ky * dilation_y, x = ox * stride_x - left + kx * dilation_x;
                    if (y >= 0 && y < height && x >= 0 && x < width) {
                        body(o, channel, y * width + x);
                    }
                }
            }
        }
    }
};

// Windows that tile, overlap, leave gaps, reach into padding, step over pixels; one where some hold padding alone.
inline std::vector<Pooling> poolings() {
    return {
            {1, 1, 1, 1, 1},
            {5, 8, 9, 2, 2, 2, 2},
            {32, 7, 6, 3, 3, 2, 2, 1, 1, 1, 1},
            {3, 6, 11, 3, 5, 1, 1, 2, 1, 0, 3},
            {7, 10, 9, 2, 1, 3, 4},
            {4, 9, 8, 3, 2, 2, 1, 1, 1, 1, 1, 2, 3},
            {2, 1, 1, 2, 2, 1, 1, 1, 1, 1, 1, 2, 2},
    };
}

template <class... Rest>
void launch_pooling(const std::string& name, size_t size, int n, const Pooling& p, Rest&&... rest) {
    const emu::Extent3 grid = {blocks((long long)size, 256), unsigned(n > 4 ? 4 : n)};
    test::launch(name.c_str(), grid, {256}, 0, n, p.channels, p.height, p.width, p.out_height(), p.out_width(),
                 p.kernel_height, p.kernel_width, p.stride_y, p.stride_x, p.top, p.left, p.dilation_y, p.dilation_x,
                 std::forward<Rest>(rest)...);
}

}  // namespace reference
