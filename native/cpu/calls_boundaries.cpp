// The C functions of FAB.
#include "device.h"

using namespace sp;

extern "C" {

int32_t sp_boundary_step(sp_device* device, int32_t norm, int64_t n, int64_t d, int64_t c, const float* z,
                         const float* direction, const float* gradient, const float* origin, float most_origin,
                         float overshoot, const int32_t* beaten, int32_t* zero_gradients, float* x) {
    const BoundaryStep a{norm,        d,         c,      z,              direction, gradient, origin,
                         most_origin, overshoot, beaten, zero_gradients, x};
    return device->rows(device->kernels.boundary_step, a, n, 200 * d, values(3 * d));
}

int32_t sp_keep_closest(sp_device* device, int32_t norm, int64_t n, int64_t d, int64_t c, const float* z,
                        const float* origin, const int32_t* labels, float epsilon, float pull, int32_t minimal,
                        int32_t step, float* x, float* best_x, float* best_objective, int32_t* beaten) {
    const KeepClosest a{norm, d,       c,    z, origin, labels,         epsilon,
                        pull, minimal, step, x, best_x, best_objective, beaten};
    return device->rows(device->kernels.keep_closest, a, n, 20 * d, values(3 * d));
}

}  // extern "C"
