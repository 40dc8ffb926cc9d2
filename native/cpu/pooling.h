// The windows of a pooling.
#pragma once

#include <algorithm>

#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

struct Windows {
    const sp_pooling& s;

    int64_t rows() const { return (s.height + s.top + s.bottom - (s.kernel_height - 1) * s.dilation_y - 1) / s.stride_y + 1; }
    int64_t columns() const { return (s.width + s.left + s.right - (s.kernel_width - 1) * s.dilation_x - 1) / s.stride_x + 1; }

    // Calls each(position) for the pixels of the window of output (oy, ox), rows first.
    template <class Each>
    void pixels(int64_t oy, int64_t ox, const Each& each) const {
        for (int64_t ky = 0; ky < s.kernel_height; ++ky) {
            const int64_t y = oy * s.stride_y + ky * s.dilation_y - s.top;
            for (int64_t kx = 0; kx < s.kernel_width && y >= 0 && y < s.height; ++kx) {
                const int64_t x = ox * s.stride_x + kx * s.dilation_x - s.left;
                if (x >= 0 && x < s.width) {
                    each(y * s.width + x);
                }
            }
        }
    }

    // Values in the mean of a window.
    float size(int64_t oy, int64_t ox) const {
        int64_t count = 0;
        pixels(oy, ox, [&](int64_t) { ++count; });
        return static_cast<float>(s.count_padding != 0 ? s.kernel_height * s.kernel_width : count);
    }
};

}  // namespace sp::SP_LEVEL_NAMESPACE
