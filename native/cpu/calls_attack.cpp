// The C functions of losses and attack steps.
#include "device.h"

using namespace sp;

extern "C" {

int32_t sp_softmax_cross_entropy(sp_device* device, int64_t n, int64_t c, const float* z, const int32_t* labels,
                                 float factor, int32_t rescaled, float* loss, float* gradient) {
    const LossFromLogits a{c, z, labels, factor, rescaled, loss, gradient};
    return device->rows(device->kernels.softmax_cross_entropy, a, n, 100 * c, values(2 * c));
}

int32_t sp_mean_squared_error(sp_device* device, int64_t n, int64_t c, const float* z, const int32_t* labels,
                              float factor, float* loss, float* gradient) {
    const LossFromLogits a{c, z, labels, factor, 0, loss, gradient};
    return device->rows(device->kernels.mean_squared_error, a, n, 10 * c, values(2 * c));
}

int32_t sp_margin(sp_device* device, int64_t n, int64_t c, const float* z, const int32_t* labels, float factor,
                  float* loss, float* gradient) {
    const LossFromLogits a{c, z, labels, factor, 0, loss, gradient};
    return device->rows(device->kernels.margin, a, n, 10 * c, values(2 * c));
}

int32_t sp_arg_max(sp_device* device, int64_t n, int64_t c, const float* z, int32_t* out) {
    return device->rows(device->kernels.arg_max, ArgMax{c, z, out}, n, 4 * c, values(c));
}

int32_t sp_linf_step(sp_device* device, int64_t n, int64_t d, const float* gradient, const float* origin,
                     float step_size, float epsilon, const int32_t* beaten, int32_t* zero_gradients, float* x) {
    const Step a{d, gradient, origin, step_size, epsilon, 0, beaten, zero_gradients, x};
    return device->rows(device->kernels.linf_step, a, n, 20 * d, values(4 * d));
}

int32_t sp_l2_step(sp_device* device, int64_t n, int64_t d, const float* gradient, const float* origin,
                   float step_size, float epsilon, const int32_t* beaten, int32_t* zero_gradients, float* x) {
    const Step a{d, gradient, origin, step_size, epsilon, 0, beaten, zero_gradients, x};
    return device->rows(device->kernels.l2_step, a, n, 40 * d, values(4 * d));
}

int32_t sp_l1_step(sp_device* device, int64_t n, int64_t d, const float* gradient, const float* origin,
                   float step_size, float epsilon, int64_t top, const int32_t* beaten, int32_t* zero_gradients,
                   float* x) {
    const Step a{d, gradient, origin, step_size, epsilon, top, beaten, zero_gradients, x};
    return device->rows(device->kernels.l1_step, a, n, 200 * d, values(4 * d));
}

int32_t sp_random_start(sp_device* device, int32_t norm, int32_t start, int64_t n, int64_t d, const float* origin,
                        const int32_t* indices, float epsilon, uint64_t seed, uint32_t stream, uint32_t restart,
                        float* x) {
    const RandomStart a{norm, start, d, origin, indices, epsilon, seed, stream, restart, x};
    return device->rows(device->kernels.random_start, a, n, 40 * d, values(2 * d));
}

int32_t sp_random_words(sp_device* device, int64_t n, int64_t d, const int32_t* indices, uint64_t seed,
                        uint32_t stream, uint32_t restart, uint32_t* words) {
    const RandomWords a{d, indices, seed, stream, restart, words};
    return device->run(device->kernels.random_words, a, n, 20 * d);
}

int32_t sp_keep_iterate(sp_device* device, int64_t n, int64_t d, int64_t c, const float* x, const float* z,
                        const int32_t* labels, const float* loss, int32_t targeted, int32_t step, float* best_x,
                        float* best_objective, int32_t* beaten) {
    const KeepIterate a{d, c, x, z, labels, loss, targeted, step, best_x, best_objective, beaten};
    return device->rows(device->kernels.keep_iterate, a, n, d, values(2 * d));
}

}  // extern "C"
