// The C functions of dense products.
#include <algorithm>

#include "device.h"

using namespace sp;

namespace {

Traffic dense_traffic(int64_t in, int64_t out) {
    return {(in + out) * static_cast<int64_t>(sizeof(float)), in * out * static_cast<int64_t>(sizeof(float))};
}

}  // namespace

extern "C" {

int64_t sp_dense_prepared_length(int64_t in, int64_t out) {
    return in * panels(out) * kPanel;
}

int32_t sp_dense_prepare(sp_device* device, int64_t in, int64_t out, const float* w, float* prepared) {
    return device->run(device->kernels.dense_prepare, DensePrepare{in, out, w, prepared}, panels(out), in * kPanel);
}

int64_t sp_dense_prepared_bf16_length(int64_t in, int64_t out) {
    const int64_t forward = panels(out) * kPanel * ((in + 1) / 2 * 2);
    const int64_t backward = panels(in) * kPanel * ((out + 1) / 2 * 2);
    return std::max(forward, backward);
}

int32_t sp_dense_prepare_bf16(sp_device* device, int64_t in, int64_t out, const float* w, uint16_t* forward,
                              uint16_t* backward) {
    return device->run(device->kernels.dense_prepare_bf16, DensePrepareBf16{in, out, w, forward, backward},
                       panels(out) + panels(in), 2 * in * out * kPanel / (in + out));
}

int32_t sp_dense_forward(sp_device* device, int64_t n, int64_t in, int64_t out, const float* x, const float* prepared,
                         const float* b, int32_t activation, float slope, float* y) {
    const bool by_panel = device->share_panels(n, in, out, out);
    const DenseForward a{n, in, out, x, prepared, b, activation, slope, y, by_panel};
    return by_panel ? device->run(device->kernels.dense_forward, a, panels(out), 2 * n * in * kPanel)
                    : device->rows(device->kernels.dense_forward, a, n, 2 * in * out, dense_traffic(in, out));
}

int32_t sp_dense_input_gradient(sp_device* device, int64_t n, int64_t in, int64_t out, const float* dy, const float* w,
                                const float* y_before, int32_t activation, float slope, float* dx) {
    const bool by_panel = device->share_panels(n, in, out, in);
    const DenseInputGradient a{n, in, out, dy, w, y_before, activation, slope, dx, by_panel};
    return by_panel ? device->run(device->kernels.dense_input_gradient, a, panels(in), 2 * n * out * kPanel)
                    : device->rows(device->kernels.dense_input_gradient, a, n, 2 * in * out, dense_traffic(in, out));
}

int32_t sp_dense_weight_gradient(sp_device* device, int64_t n, int64_t in, int64_t out, const float* x,
                                 const float* dy, float* dw, float* db) {
    const DenseWeightGradient a{n, in, out, x, dy, dw, db};
    return device->run(device->kernels.dense_weight_gradient, a, panels(in), 2 * n * out * kPanel);
}

int32_t sp_dense_linf_step(sp_device* device, int64_t n, int64_t in, int64_t out, const float* dy, const float* w,
                           const float* origin, float step_size, float epsilon, const int32_t* beaten,
                           int32_t* zero_gradients, float* x) {
    const DenseLinfStep a{n, in, out, dy, w, origin, step_size, epsilon, beaten, zero_gradients, x};
    return device->rows(device->kernels.dense_linf_step, a, n, 2 * in * out, dense_traffic(in, out));
}

int32_t sp_dense_forward_bf16(sp_device* device, int64_t n, int64_t in, int64_t out, const float* x, const float* w,
                              const uint16_t* forward, const float* b, int32_t activation, float slope, float* y) {
    const bool by_panel = device->share_panels(n, in, out, out);
    const DenseForward dense{n, in, out, x, nullptr, b, activation, slope, y, by_panel, nullptr, forward};
    int32_t status = SP_OK;
    const DenseForwardBf16 a{dense, w, &status};
    if (by_panel) {
        device->run(device->kernels.dense_forward_bf16, a, panels(out), n * in * kPanel);
        return status;
    }
    return device->rows(device->kernels.dense_forward_bf16, a, n, in * out, dense_traffic(in, out));
}

int32_t sp_dense_input_gradient_bf16(sp_device* device, int64_t n, int64_t in, int64_t out, const float* dy,
                                     const float* w, const uint16_t* backward, const float* y_before,
                                     int32_t activation, float slope, float* dx) {
    const bool by_panel = device->share_panels(n, in, out, in);
    const DenseInputGradient dense{n, in, out, dy, w, y_before, activation, slope, dx, by_panel, nullptr, backward};
    int32_t status = SP_OK;
    const DenseInputGradientBf16 a{dense, &status};
    if (by_panel) {
        device->run(device->kernels.dense_input_gradient_bf16, a, panels(in), n * out * kPanel);
        return status;
    }
    return device->rows(device->kernels.dense_input_gradient_bf16, a, n, in * out, dense_traffic(in, out));
}

int32_t sp_dense_weight_gradient_bf16(sp_device* device, int64_t n, int64_t in, int64_t out, const float* x,
                                      const float* dy, float* dw, float* db) {
    int32_t status = SP_OK;
    const DenseWeightGradientBf16 a{{n, in, out, x, dy, dw, db}, &status};
    device->run(device->kernels.dense_weight_gradient_bf16, a, panels(in), 2 * n * out * kPanel);
    return status;
}

int32_t sp_dense_linf_step_bf16(sp_device* device, int64_t n, int64_t in, int64_t out, const float* dy, const float* w,
                                const uint16_t* backward, const float* origin, float step_size, float epsilon,
                                const int32_t* beaten, int32_t* zero_gradients, float* x) {
    const DenseLinfStep dense{n,       in,     out,            dy, w,       origin,  step_size,
                              epsilon, beaten, zero_gradients, x,  nullptr, backward};
    return device->rows(device->kernels.dense_linf_step_bf16, DenseLinfStepBf16{dense, nullptr}, n, in * out,
                        dense_traffic(in, out));
}

}  // extern "C"
