// SGD with momentum, Nesterov's variant and weight decay (PyTorch's conventions), over the flat array of all parameters:
// g = gradient + weight_decay * p; velocity = momentum * velocity + g (first step: g);
// p -= learning_rate * (nesterov ? g + momentum * velocity : velocity).
//
// float32 arrays of `length` >= 1 at any 4-byte aligned address; velocity may be null where momentum is 0. With table and
// cursor (both or neither), the row table[4 * cursor[1]..] = {learning_rate, first, -, -} of the batch replaces the scalars,
// so a recorded step can be replayed. Bits repeat, and are those of the CPU device.
//
// Launch: block 256; grid ceil(length / 1024); no dynamic shared memory.
//
// Roofline. 20 bytes a parameter (12 without velocity), 6 FLOPs: bytes limit; 784-1024-10 (0.8 million): 16 MB, 4.9 us on an
// H100, 16 us on an RTX 4090 (its L2 holds them); aim 75 %.
#include "prelude.cuh"

KERNEL(256) sgd(long long length, const float* gradient, float learning_rate, float momentum, int nesterov,
                float weight_decay, int first, const float* table, const int* cursor, float* velocity, float* p) {
    const long long at = four_at();
    if (at >= length) return;
    if (table != nullptr) {
        const float* row = table + 4 * static_cast<long long>(cursor[1]);
        learning_rate = row[0];
        first = row[1] != 0.0f ? 1 : 0;
    }
    const int count = four_count(at, length);
    const bool wide = is_wide(gradient, 0) && is_wide(velocity, 0) && is_wide(p, 0);
    const Four gradients = load_four(gradient + at, count, wide);
    Four parameters = load_four(p + at, count, wide);
    Four velocities = velocity != nullptr ? load_four(velocity + at, count, wide) : Four{};
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        const float g = fmaf(weight_decay, parameters.v[i], gradients.v[i]);
        float direction = g;
        if (velocity != nullptr) {
            const float v = first != 0 ? g : fmaf(momentum, velocities.v[i], g);
            velocities.v[i] = v;
            direction = nesterov != 0 ? fmaf(momentum, v, g) : v;
        }
        parameters.v[i] = fmaf(-learning_rate, direction, parameters.v[i]);
    }
    if (velocity != nullptr) {
        store_four(velocity + at, count, wide, velocities);
    }
    store_four(p + at, count, wide, parameters);
}
KERNEL_EXPORT(sgd)
