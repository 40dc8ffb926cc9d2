// The C functions of normalisation, dropout and recurrent layers.
#include "device.h"
#include "scratch.h"

using namespace sp;

namespace {

// Of the calling thread; nullptr where there is no more memory. Flushed first: operations that are kept ask for it too.
double* doubles(sp_device* device, int64_t count) {
    device->flush();
    return static_cast<double*>(scratch(count * static_cast<int64_t>(sizeof(double))));
}

float* floats(sp_device* device, int64_t count) {
    device->flush();
    return static_cast<float*>(scratch(count * static_cast<int64_t>(sizeof(float))));
}

}  // namespace

extern "C" {

int32_t sp_channel_statistics(sp_device* device, int64_t rows, int64_t channels, const float* x, float* mean,
                              float* variance) {
    const RowGroups shape{rows, channels};
    auto* sums = doubles(device, shape.sums());
    if (sums == nullptr) {
        return SP_OUT_OF_MEMORY;
    }
    const ChannelStatistics a{shape, x, sums, mean, variance};
    device->run(device->kernels.channel_statistics_sums, a, shape.count(), 4 * rows * channels / shape.count());
    return device->run(device->kernels.channel_statistics, a, blocks(channels), 4 * kBlock * shape.count());
}

int32_t sp_update_running_statistics(sp_device* device, int64_t rows, int64_t channels, float momentum,
                                     const float* mean, const float* variance, float* running_mean,
                                     float* running_variance) {
    const UpdateRunningStatistics a{rows, channels, momentum, mean, variance, running_mean, running_variance};
    return device->run(device->kernels.update_running_statistics, a, blocks(channels), 10 * kBlock);
}

int32_t sp_fold_batch_norm(sp_device* device, int64_t channels, const float* mean, const float* variance, float epsilon,
                           const float* weight, const float* bias, float* scale, float* shift) {
    const FoldBatchNorm a{channels, mean, variance, epsilon, weight, bias, scale, shift};
    return device->run(device->kernels.fold_batch_norm, a, blocks(channels), 40 * kBlock);
}

int32_t sp_batch_norm_gradient(sp_device* device, int64_t rows, int64_t channels, const float* x, const float* dy,
                               const float* mean, const float* variance, float epsilon, const float* weight, float* dw,
                               float* db, float* dx) {
    const RowGroups shape{rows, channels};
    auto* sums = doubles(device, shape.sums() + 2 * channels);
    if (sums == nullptr) {
        return SP_OUT_OF_MEMORY;
    }
    auto* factors = reinterpret_cast<float*>(sums + shape.sums());
    const BatchNormGradient a{shape, x, dy, mean, variance, epsilon, weight, sums, factors, dw, db, dx};
    device->run(device->kernels.batch_norm_gradient_sums, a, shape.count(), 6 * rows * channels / shape.count());
    device->run(device->kernels.batch_norm_gradient_factors, a, blocks(channels), 4 * kBlock * shape.count());
    return device->run(device->kernels.batch_norm_gradient, a, rows, 4 * channels);
}

int32_t sp_layer_norm(sp_device* device, int64_t rows, int64_t size, const float* x, const float* weight,
                      const float* bias, float epsilon, int32_t activation, float slope, float* y) {
    const LayerNorm a{size, x, weight, bias, epsilon, activation, slope, y};
    return device->rows(device->kernels.layer_norm, a, rows, 10 * size, values(2 * size));
}

int32_t sp_layer_norm_gradient(sp_device* device, int64_t rows, int64_t size, const float* x, const float* dy,
                               const float* weight, float epsilon, int32_t activation, float slope, const float* before,
                               float* dx) {
    const LayerNormGradient a{size, x, dy, weight, epsilon, activation, slope, before, dx};
    return device->rows(device->kernels.layer_norm_gradient, a, rows, 15 * size, values(3 * size));
}

int32_t sp_layer_norm_weight_gradient(sp_device* device, int64_t rows, int64_t size, const float* x, const float* dy,
                                      float epsilon, float* dw, float* db) {
    const RowGroups shape{rows, size};
    auto* sums = doubles(device, shape.sums());
    if (sums == nullptr) {
        return SP_OUT_OF_MEMORY;
    }
    const LayerNormWeightGradient a{shape, x, dy, epsilon, sums, dw, db};
    if (rows > 0) {
        device->run(device->kernels.layer_norm_weight_gradient_sums, a, shape.count(), 12 * rows * size / shape.count());
    }
    return device->run(device->kernels.layer_norm_weight_gradient, a, blocks(size), 4 * kBlock * shape.count());
}

int32_t sp_dropout(sp_device* device, int64_t n, int64_t d, const float* x, const int32_t* indices, uint64_t seed,
                   uint32_t stream, uint32_t layer, float probability, float* y) {
    const Dropout a{d, x, indices, seed, stream, layer, probability, y};
    return device->rows(device->kernels.dropout, a, n, 20 * d, values(2 * d));
}

int32_t sp_recurrent_forward(sp_device* device, int64_t n, int32_t cell, int64_t steps, int64_t hidden, float* gates,
                             const float* u, const float* c, float* states, float* memory) {
    const int64_t gate_size = gates_of(cell) * hidden;
    float* prepared = floats(device, sp_dense_prepared_length(hidden, gate_size));
    if (prepared == nullptr) {
        return SP_OUT_OF_MEMORY;
    }
    sp_dense_prepare(device, hidden, gate_size, u, prepared);
    const RecurrentForward a{cell, steps, hidden, gates, prepared, c, states, memory};
    return device->run(device->kernels.recurrent_forward, a, n, 2 * steps * gate_size * (hidden + 10));
}

int32_t sp_recurrent_backward(sp_device* device, int64_t n, int32_t cell, int64_t steps, int64_t hidden,
                              const float* gates, const float* u, const float* states, const float* memory,
                              const float* dstates, int32_t all, float* dgates, float* dhidden) {
    const int64_t gate_size = gates_of(cell) * hidden;
    float* carry = floats(device, n * 2 * hidden);
    if (carry == nullptr) {
        return SP_OUT_OF_MEMORY;
    }
    const RecurrentBackward a{cell, steps, hidden, gates, u, states, memory, dstates, all != 0, dgates, dhidden, carry};
    return device->run(device->kernels.recurrent_backward, a, n, 2 * steps * gate_size * (hidden + 10));
}

int32_t sp_recurrent_weight_gradient(sp_device* device, int64_t n, int32_t cell, int64_t steps, int64_t hidden,
                                     const float* states, const float* dhidden, float* du, float* dc) {
    const int64_t gate_size = gates_of(cell) * hidden;
    const RecurrentWeightGradient a{n, steps, hidden, gate_size, states, dhidden, du, dc};
    return device->run(device->kernels.recurrent_weight_gradient, a, panels(hidden), 2 * n * steps * gate_size * kPanel);
}

}  // extern "C"
