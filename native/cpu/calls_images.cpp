// The C functions of convolution, pooling and transposition.
#include "device.h"

using namespace sp;

namespace {

// Operations of one example.
int64_t convolution_cost(const sp_convolution& s) {
    const int64_t positions = s.height * s.width / (s.stride_y * s.stride_x) + 1;
    return 2 * positions * s.filters * (s.channels / s.groups) * s.kernel_height * s.kernel_width;
}

Traffic convolution_traffic(const sp_convolution& s) {
    const int64_t positions = s.height * s.width / (s.stride_y * s.stride_x) + 1;
    const int64_t weights = s.filters * (s.channels / s.groups) * s.kernel_height * s.kernel_width;
    const int64_t float_size = sizeof(float);
    return {(s.height * s.width * s.channels + positions * s.filters) * float_size, weights * float_size};
}

int64_t pooling_cost(const sp_pooling& s) {
    const int64_t positions = s.height * s.width / (s.stride_y * s.stride_x) + 1;
    return 2 * positions * s.channels * s.kernel_height * s.kernel_width;
}

Traffic pooling_traffic(const sp_pooling& s) {
    const int64_t positions = s.height * s.width / (s.stride_y * s.stride_x) + 1;
    return values((s.height * s.width + 2 * positions) * s.channels);
}

}  // namespace

extern "C" {

int32_t sp_convolution_prepared_length(sp_device* device, const sp_convolution* shape, int64_t* length) {
    return device->run(device->kernels.convolution_prepared_length, ConvolutionPreparedLength{shape, length}, 1, 1);
}

int32_t sp_convolution_prepare(sp_device* device, const sp_convolution* shape, const float* w, float* prepared) {
    const int64_t channels = shape->channels / shape->groups;
    const bool by_planes = shape->channels_first != 0 || shape->channels == 1;
    const int64_t units = shape->groups * (panels(shape->filters / shape->groups) + (by_planes ? 1 : panels(channels)));
    return device->run(device->kernels.convolution_prepare, ConvolutionPrepare{shape, w, prepared}, units,
                       4 * kPanel * channels * shape->kernel_height * shape->kernel_width);
}

int32_t sp_convolution_forward(sp_device* device, int64_t n, const sp_convolution* shape, const float* x,
                               const float* prepared, const float* b, int32_t activation, float slope, float* y) {
    return device->images(device->kernels.convolution_forward,
                          ConvolutionForward{shape, x, prepared, b, activation, slope, y, nullptr}, n,
                          convolution_cost(*shape), convolution_traffic(*shape));
}

int32_t sp_convolution_input_gradient(sp_device* device, int64_t n, const sp_convolution* shape, const float* dy,
                                      const float* prepared, const float* y_before, int32_t activation, float slope,
                                      float* dx) {
    return device->images(device->kernels.convolution_input_gradient,
                          ConvolutionInputGradient{shape, dy, prepared, y_before, activation, slope, dx, nullptr}, n,
                          convolution_cost(*shape), convolution_traffic(*shape));
}

int32_t sp_convolution_weight_gradient(sp_device* device, int64_t n, const sp_convolution* shape, const float* x,
                                       const float* dy, float* dw, float* db) {
    int32_t status = SP_OK;
    const ConvolutionWeightGradient a{n, shape, x, dy, dw, db, &status};
    device->run(device->kernels.convolution_weight_gradient, a, kWeightShares,
                n * convolution_cost(*shape) / kWeightShares + 1);
    return status;
}

int32_t sp_convolution_linf_step(sp_device* device, int64_t n, const sp_convolution* shape, const float* dy,
                                 const float* prepared, const float* origin, float step_size, float epsilon,
                                 const int32_t* beaten, int32_t* zero_gradients, float* x) {
    const ConvolutionLinfStep a{shape,   dy,     prepared,       origin, step_size,
                                epsilon, beaten, zero_gradients, x,      nullptr};
    return device->images(device->kernels.convolution_linf_step, a, n, convolution_cost(*shape),
                          convolution_traffic(*shape));
}

int32_t sp_max_pool(sp_device* device, int64_t n, const sp_pooling* shape, const float* x, float* y, int32_t* chosen) {
    return device->images(device->kernels.max_pool, MaxPool{shape, x, y, chosen}, n, pooling_cost(*shape),
                          pooling_traffic(*shape));
}

int32_t sp_max_pool_gradient(sp_device* device, int64_t n, const sp_pooling* shape, const float* dy,
                             const int32_t* chosen, const float* y_before, int32_t activation, float slope,
                             float* dx) {
    const MaxPoolGradient a{shape, dy, chosen, y_before, activation, slope, dx};
    return device->images(device->kernels.max_pool_gradient, a, n, pooling_cost(*shape), pooling_traffic(*shape));
}

int32_t sp_average_pool(sp_device* device, int64_t n, const sp_pooling* shape, const float* x, float* y) {
    return device->images(device->kernels.average_pool, AveragePool{shape, x, y}, n, pooling_cost(*shape),
                          pooling_traffic(*shape));
}

int32_t sp_average_pool_gradient(sp_device* device, int64_t n, const sp_pooling* shape, const float* dy,
                                 const float* y_before, int32_t activation, float slope, float* dx) {
    const AveragePoolGradient a{shape, dy, y_before, activation, slope, dx};
    return device->images(device->kernels.average_pool_gradient, a, n, pooling_cost(*shape), pooling_traffic(*shape));
}

int32_t sp_transpose(sp_device* device, int64_t n, int64_t rows, int64_t columns, const float* x, float* y) {
    return device->rows(device->kernels.transpose, Transpose{rows, columns, x, y}, n, 4 * rows * columns,
                        values(2 * rows * columns));
}

}  // extern "C"
