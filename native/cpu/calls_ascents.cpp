// The C functions of losses towards one class, and of APGD.
#include "device.h"

using namespace sp;

extern "C" {

int32_t sp_target_loss(sp_device* device, int32_t kind, int64_t n, int64_t c, const float* z, const int32_t* labels,
                       const int32_t* targets, float factor, float* loss, float* gradient) {
    const TargetLoss a{kind, c, z, labels, targets, factor, loss, gradient};
    return device->rows(device->kernels.target_loss, a, n, 30 * c, values(2 * c));
}

int32_t sp_ranked_class(sp_device* device, int64_t n, int64_t c, const float* z, const int32_t* labels, int64_t rank,
                        int32_t* out) {
    return device->rows(device->kernels.ranked_class, RankedClass{c, z, labels, rank, out}, n, 4 * rank * c, values(c));
}

int32_t sp_ascent_start(sp_device* device, int32_t norm, int64_t n, int64_t d, const float* origin,
                        const int32_t* indices, float epsilon, uint64_t seed, uint32_t stream, uint32_t restart,
                        float* x) {
    const AscentStart a{norm, d, origin, indices, epsilon, seed, stream, restart, x};
    return device->rows(device->kernels.ascent_start, a, n, 40 * d, values(2 * d));
}

int32_t sp_ascent_step(sp_device* device, int32_t norm, int64_t n, int64_t d, const float* gradient,
                       const float* origin, const float* state, float momentum, float epsilon, const int32_t* beaten,
                       int32_t* zero_gradients, float* workspace, float* previous, float* x) {
    const AscentStep a{norm,   d,              gradient,  origin,   state, momentum, epsilon,
                       beaten, zero_gradients, workspace, previous, x};
    return device->rows(device->kernels.ascent_step, a, n, 60 * d, values(6 * d));
}

int32_t sp_ascent_check(sp_device* device, int64_t n, int64_t d, const float* loss, float first_step,
                        int32_t fewest_rises, const int32_t* beaten, float* state, float* x, float* gradient,
                        float* previous, float* best, float* best_gradient) {
    const AscentCheck a{d, loss, first_step, fewest_rises, beaten, state, x, gradient, previous, best, best_gradient};
    return device->rows(device->kernels.ascent_check, a, n, 2 * d, values(4 * d));
}

}  // extern "C"
