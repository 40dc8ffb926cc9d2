// The C functions of random search.
#include "device.h"

using namespace sp;

namespace {

bool valid(int32_t norm, const SquareShape& shape) {
    return (norm == SP_LINF || (norm == SP_L2 && shape.bumps != nullptr)) && shape.rows >= 1 && shape.columns >= 1 &&
           shape.rows <= shape.height && shape.columns <= shape.width;
}

}  // namespace

extern "C" {

int32_t sp_square_start(sp_device* device, int32_t norm, int64_t n, int64_t channels, int64_t height, int64_t width,
                        int64_t rows, int64_t columns, const float* bumps, float amplitude, const float* origin,
                        const int32_t* indices, float epsilon, uint64_t seed, uint32_t stream, uint32_t restart,
                        float* x) {
    const SquareStart a{norm, {channels, height, width, rows, columns, bumps}, amplitude, origin, indices, epsilon,
                        seed, stream, restart, x};
    if (!valid(norm, a.shape)) {
        return SP_INVALID_ARGUMENT;
    }
    return device->rows(device->kernels.square_start, a, n, 20 * a.shape.size(), values(2 * a.shape.size()));
}

int32_t sp_square_proposal(sp_device* device, int32_t norm, int64_t n, int64_t channels, int64_t height, int64_t width,
                           int64_t rows, int64_t columns, const float* bumps, const float* origin, const float* point,
                           const int32_t* indices, float epsilon, uint64_t seed, uint32_t stream, uint32_t query,
                           const int32_t* beaten, float* x) {
    const SquareProposal a{norm, {channels, height, width, rows, columns, bumps}, origin, point, indices, epsilon,
                           seed, stream, query, beaten, x};
    if (!valid(norm, a.shape)) {
        return SP_INVALID_ARGUMENT;
    }
    const int64_t cost = (norm == SP_LINF ? 1 : 20) * a.shape.size() + 30 * channels * rows * columns;
    return device->rows(device->kernels.square_proposal, a, n, cost, values(3 * a.shape.size()));
}

}  // extern "C"
