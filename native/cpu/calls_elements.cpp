// The C functions that treat elements and rows alike: activations, sums, copies, gathering.
#include <algorithm>
#include <cstring>

#include "device.h"

using namespace sp;

extern "C" {

int32_t sp_activation_forward(sp_device* device, int64_t length, const float* x, int32_t activation, float slope,
                              float* y) {
    const auto kernel = device->kernels.activation_forward;
    return device->elements(length, 4, 8, [=](int64_t begin, int64_t end) {
        kernel(ActivationForward{end - begin, x + begin, activation, slope, y + begin}, 0, blocks(end - begin));
    });
}

int32_t sp_activation_gradient(sp_device* device, int64_t length, const float* y, const float* dy, int32_t activation,
                               float slope, float* dx) {
    const auto kernel = device->kernels.activation_gradient;
    return device->elements(length, 4, 12, [=](int64_t begin, int64_t end) {
        kernel(ActivationGradient{end - begin, y + begin, dy + begin, activation, slope, dx + begin}, 0,
               blocks(end - begin));
    });
}

int32_t sp_scale_shift(sp_device* device, int64_t n, int64_t channels, int64_t size, const float* x,
                       const float* scale, const float* shift, float* y) {
    return device->rows(device->kernels.scale_shift, ScaleShift{channels, size, x, scale, shift, y}, n,
                        4 * channels * size, values(2 * channels * size));
}

int32_t sp_add(sp_device* device, int64_t length, const float* a, const float* b, int32_t activation, float slope,
               float* y) {
    const auto kernel = device->kernels.add;
    return device->elements(length, 4, 12, [=](int64_t begin, int64_t end) {
        kernel(Add{end - begin, a + begin, b + begin, activation, slope, y + begin}, 0, blocks(end - begin));
    });
}

int32_t sp_copy_columns(sp_device* device, int64_t rows, int64_t columns, const float* source, int64_t source_width,
                        int64_t source_at, float* target, int64_t target_width, int64_t target_at) {
    const CopyColumns a{columns, source + source_at, source_width, target + target_at, target_width};
    return device->rows(device->kernels.copy_columns, a, rows, columns, values(2 * columns));
}

int32_t sp_gather_bytes(sp_device* device, int64_t n, int64_t d, const uint8_t* source, const int32_t* indices,
                        float* out) {
    return device->run(device->kernels.gather_bytes, GatherBytes{d, source, indices, out}, n, d);
}

int32_t sp_gather_floats(sp_device* device, int64_t n, int64_t d, const float* source, const int32_t* indices,
                         float* out) {
    device->flush();
    device->pool.run(n, d, [=](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            std::memcpy(out + i * d, source + indices[i] * d, sizeof(float) * static_cast<size_t>(d));
        }
    });
    return SP_OK;
}

int32_t sp_gather_ints(sp_device* device, int64_t n, const int32_t* source, const int32_t* indices, int32_t* out) {
    device->flush();
    for (int64_t i = 0; i < n; ++i) {
        out[i] = source[indices[i]];
    }
    return SP_OK;
}

int32_t sp_copy(sp_device* device, int64_t bytes, const void* source, void* target) {
    const auto* from = static_cast<const char*>(source);
    auto* to = static_cast<char*>(target);
    return device->elements(bytes, 1, 2, [=](int64_t begin, int64_t end) {
        std::memcpy(to + begin, from + begin, static_cast<size_t>(end - begin));
    });
}

int32_t sp_sum(sp_device* device, int64_t length, const float* x, float* out) {
    device->flush();
    double total = 0.0;
    for (int64_t i = 0; i < length; i += 32) {
        double chunk = 0.0;
        for (int64_t j = i; j < std::min(length, i + 32); ++j) {
            chunk += static_cast<double>(x[j]);
        }
        total += chunk;
    }
    *out = static_cast<float>(total);
    return SP_OK;
}

}  // extern "C"
