// The C functions of attacks that estimate gradients from answers.
#include "device.h"

using namespace sp;

extern "C" {

int32_t sp_noise_probe(sp_device* device, int32_t draw, int64_t n, int64_t d, const float* point, const int32_t* indices,
                       float scale, const float* scales, uint64_t seed, uint32_t stream, uint32_t number,
                       const int32_t* done, float* x) {
    const NoiseProbe a{draw, d, point, indices, scale, scales, seed, stream, number, done, x};
    return device->rows(device->kernels.noise_probe, a, n, 50 * d, values(2 * d));
}

int32_t sp_nes_estimate(sp_device* device, int64_t n, int64_t d, const float* point, const float* x, const float* base,
                        const float* loss, int32_t first, const int32_t* done, float* gradient) {
    const NesEstimate a{d, point, x, base, loss, first, done, gradient};
    return device->rows(device->kernels.nes_estimate, a, n, 4 * d, values(4 * d));
}

}  // extern "C"
