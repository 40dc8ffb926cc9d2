// The C functions of optimizers, and of attacks and updates over whole stacks of dense layers.
#include <cmath>

#include "device.h"

using namespace sp;

namespace {

// Operations of one example's forward and backward pass.
int64_t pass_cost(int32_t layers, const sp_dense_layer* stack) {
    int64_t cost = 0;
    for (int32_t i = 0; i < layers; ++i) {
        cost += 4 * stack[i].in * stack[i].out;
    }
    return cost;
}

AdamFactors adam_factors(float learning_rate, float beta1, float beta2, float stabilizer, float weight_decay,
                         int32_t decoupled, int64_t step) {
    const double correction1 = 1.0 - std::pow(static_cast<double>(beta1), static_cast<double>(step));
    const double correction2 = 1.0 - std::pow(static_cast<double>(beta2), static_cast<double>(step));
    const double rate = learning_rate;
    return {static_cast<float>(rate / correction1),
            static_cast<float>(std::sqrt(correction2)),
            beta1,
            beta2,
            stabilizer,
            decoupled != 0 ? 0.0f : weight_decay,
            decoupled != 0 ? static_cast<float>(1.0 - rate * static_cast<double>(weight_decay)) : 1.0f};
}

}  // namespace

extern "C" {

int32_t sp_iterate_dense_stack(sp_device* device, int32_t layers, const sp_dense_layer* stack, const sp_loop* loop) {
    const IterateDenseStack a{layers, stack, loop, device->tile(layers, stack)};
    return device->run(device->kernels.iterate_dense_stack, a, loop->n, pass_cost(layers, stack) * (int64_t{loop->steps} + 1));
}

int32_t sp_update_dense_stack(sp_device* device, int32_t layers, const sp_dense_layer* stack,
                              const sp_update* update) {
    const UpdateDenseStack a{layers,
                             stack,
                             update,
                             {update->learning_rate, update->momentum, update->weight_decay, update->nesterov != 0,
                              update->step == 1},
                             adam_factors(update->learning_rate, update->beta1, update->beta2, update->stabilizer,
                                          update->weight_decay, update->decoupled, update->step),
                             device->tile(layers, stack)};
    device->run(device->kernels.update_dense_stack_rows, a, update->n, pass_cost(layers, stack));
    int64_t units = 0;
    for (int32_t i = 0; i < layers; ++i) {
        units += panels(stack[i].in);
    }
    return device->run(device->kernels.update_dense_stack_weights, a, units,
                       update->n * pass_cost(layers, stack) / 2 / units);
}

int32_t sp_sgd(sp_device* device, int64_t length, const float* gradient, float learning_rate, float momentum,
               int32_t nesterov, float weight_decay, int64_t step, float* velocity, float* p) {
    const Sgd a{length, gradient, {learning_rate, momentum, weight_decay, nesterov != 0, step == 1}, velocity, p};
    return device->run(device->kernels.sgd, a, blocks(length), 4 * kBlock);
}

int32_t sp_adam(sp_device* device, int64_t length, const float* gradient, float learning_rate, float beta1,
                float beta2, float stabilizer, float weight_decay, int32_t decoupled, int64_t step, float* m, float* v,
                float* p) {
    const Adam a{length, gradient,
                 adam_factors(learning_rate, beta1, beta2, stabilizer, weight_decay, decoupled, step), m, v, p};
    return device->run(device->kernels.adam, a, blocks(length), 12 * kBlock);
}

}  // extern "C"
