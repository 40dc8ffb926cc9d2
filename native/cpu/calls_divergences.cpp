// The C functions of TRADES.
#include "device.h"

using namespace sp;

extern "C" {

int32_t sp_divergence(sp_device* device, int64_t n, int64_t c, const float* z, const float* reference, float factor,
                      float* loss, float* gradient) {
    const Divergence a{c, z, reference, factor, loss, gradient};
    return device->rows(device->kernels.divergence, a, n, 400 * c, values(3 * c));
}

int32_t sp_trades(sp_device* device, int64_t n, int64_t c, const float* z, const int32_t* labels, float beta,
                  float factor, float* loss, float* gradient) {
    return device->run(device->kernels.trades, Trades{n, c, z, labels, beta, factor, loss, gradient}, n, 600 * c);
}

int32_t sp_gaussian_start(sp_device* device, int32_t norm, int64_t n, int64_t d, const float* origin,
                          const int32_t* indices, float deviation, float epsilon, uint64_t seed, uint32_t stream,
                          uint32_t restart, float* x) {
    const GaussianStart a{norm, d, origin, indices, deviation, epsilon, seed, stream, restart, x};
    return device->rows(device->kernels.gaussian_start, a, n, 60 * d, values(2 * d));
}

}  // extern "C"
