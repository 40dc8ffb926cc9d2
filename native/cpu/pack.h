// Packing W (out x in) for the forward product: panels of kPanel outputs, each in x kPanel, so that the product reads one
// contiguous stream. The last panel is padded with zeros.
#pragma once

#include <algorithm>

#include "operations.h"
#include "transpose.h"

namespace sp::SP_LEVEL_NAMESPACE {

// Inputs [first, first + count) of one panel.
inline void pack_panel(int64_t in, int64_t out, const float* w, int64_t panel, int64_t first, int64_t count,
                       float* prepared) {
    const int64_t columns = std::min(kPanel, out - panel * kPanel);
    float* packed = prepared + panel * kPanel * in + first * kPanel;
    transpose(columns, count, reinterpret_cast<const uint32_t*>(w + panel * kPanel * in + first), in,
              reinterpret_cast<uint32_t*>(packed), kPanel);
    for (int64_t k = 0; k < count && columns < kPanel; ++k) {
        std::fill(packed + k * kPanel + columns, packed + (k + 1) * kPanel, 0.0f);
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
