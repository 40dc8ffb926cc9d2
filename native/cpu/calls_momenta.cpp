// The C functions of attack steps that remember earlier gradients.
#include "device.h"

using namespace sp;

extern "C" {

int32_t sp_momentum(sp_device* device, int64_t n, int64_t d, const float* gradient, float decay, const int32_t* beaten,
                    int32_t* zero_gradients, float* momentum) {
    const Momentum a{d, gradient, decay, beaten, zero_gradients, momentum};
    return device->rows(device->kernels.momentum, a, n, 8 * d, values(3 * d));
}

int32_t sp_penalty_search(sp_device* device, int64_t n, int64_t d, const float* origin, int32_t begins, float initial,
                          int32_t minimal, const int32_t* beaten, float* state, int32_t* done, float* x, float* w,
                          float* first, float* second) {
    const PenaltySearch a{d, origin, begins, initial, minimal, beaten, state, done, x, w, first, second};
    return device->rows(device->kernels.penalty_search, a, n, 60 * d, values(5 * d));
}

int32_t sp_penalty_step(sp_device* device, int64_t n, int64_t d, const float* value, const float* gradient,
                        const float* origin, int32_t targeted, float confidence, float epsilon, int32_t minimal,
                        float step_size, float root_correction, int32_t step, int32_t check, float* state,
                        int32_t* done, float* x, float* w, float* first, float* second, float* best_x,
                        float* best_objective, int32_t* beaten, int32_t* zero_gradients) {
    const PenaltyStep a{d,         value, gradient, origin, targeted, confidence, epsilon, minimal,
                        step_size, root_correction, step,   check,    state,      done,    x,
                        w,         first, second,   best_x, best_objective,       beaten,  zero_gradients};
    return device->rows(device->kernels.penalty_step, a, n, 90 * d, values(8 * d));
}

}  // extern "C"
