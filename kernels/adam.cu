// Adam (Kingma and Ba 2015, algorithm 1) and AdamW (Loshchilov and Hutter 2019, algorithm 2), over the flat array of all
// parameters. The bias corrections of step t come in as factors, computed once in double by the caller:
// step_size = rate / (1 - beta1^t), root_correction = sqrt(1 - beta2^t); coupled_decay is Adam's weight decay (AdamW: 0),
// decoupled_factor AdamW's 1 - rate * decay (Adam: 1).
//
// float32 arrays of `length` >= 1 at any 4-byte aligned address. With table and cursor (both or neither), the row
// table[4 * cursor[1]..] = {step_size, root_correction, decoupled_factor, -} of the batch replaces the scalars, so a recorded
// step can be replayed. Bits repeat, and are those of the CPU device.
//
// Launch: block 256; grid ceil(length / 1024); no dynamic shared memory.
//
// Roofline. 28 bytes a parameter, about 30 FLOPs (a root and a division): bytes limit; 784-1024-10 (0.8 million): 23 MB,
// 6.8 us on an H100, 23 us on an RTX 4090 (its L2 holds them); aim 75 %.
#include "prelude.cuh"

KERNEL(256) adam(long long length, const float* gradient, float step_size, float root_correction, float beta1, float beta2,
                 float stabilizer, float coupled_decay, float decoupled_factor, const float* table, const int* cursor,
                 float* m, float* v, float* p) {
    const long long at = four_at();
    if (at >= length) return;
    if (table != nullptr) {
        const float* row = table + 4 * static_cast<long long>(cursor[1]);
        step_size = row[0];
        root_correction = row[1];
        decoupled_factor = row[2];
    }
    const float rest1 = 1.0f - beta1;
    const float rest2 = 1.0f - beta2;
    const float inverse_root = 1.0f / root_correction;
    const int count = four_count(at, length);
    const bool wide = is_wide(gradient, 0) && is_wide(m, 0) && is_wide(v, 0) && is_wide(p, 0);
    const Four gradients = load_four(gradient + at, count, wide);
    Four parameters = load_four(p + at, count, wide);
    Four ms = load_four(m + at, count, wide);
    Four vs = load_four(v + at, count, wide);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        const float before = parameters.v[i] * decoupled_factor;
        const float g = fmaf(coupled_decay, before, gradients.v[i]);
        ms.v[i] = fmaf(beta1, ms.v[i], rest1 * g);
        vs.v[i] = fmaf(beta2, vs.v[i], rest2 * (g * g));
        parameters.v[i] = before - step_size * ms.v[i] / fmaf(sqrtf(vs.v[i]), inverse_root, stabilizer);
    }
    store_four(m + at, count, wide, ms);
    store_four(v + at, count, wide, vs);
    store_four(p + at, count, wide, parameters);
}
KERNEL_EXPORT(adam)
