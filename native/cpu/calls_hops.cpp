// The C functions of HopSkipJump.
#include "device.h"

using namespace sp;

extern "C" {

int32_t sp_hop_turn(sp_device* device, int32_t phase, int32_t norm, int64_t n, int64_t d, int32_t iteration,
                    int32_t queries, int32_t minimal, const float* origin, const float* best_objective,
                    const int32_t* beaten, float* point, float* toward, float* away, float* bracket, float* size,
                    int32_t* counts, int32_t* done) {
    const HopTurn a{phase,  norm,  d,      iteration, queries, minimal, origin, best_objective,
                    beaten, point, toward, away,      bracket, size,    counts, done};
    return device->rows(device->kernels.hop_turn, a, n, 10 * d, values(4 * d));
}

int32_t sp_hop_propose(sp_device* device, int32_t phase, int32_t norm, int64_t n, int64_t d, const float* origin,
                       const float* point, const float* toward, const float* bracket, const float* size,
                       const int32_t* done, float* x) {
    const HopPropose a{phase, norm, d, origin, point, toward, bracket, size, done, x};
    return device->rows(device->kernels.hop_propose, a, n, 6 * d, values(3 * d));
}

int32_t sp_hop_judge(sp_device* device, int32_t phase, int32_t norm, int64_t n, int64_t d, int64_t c, const float* z,
                     const float* origin, const int32_t* labels, float epsilon, int32_t queries, int32_t minimal,
                     const float* x, float* point, float* toward, float* away, float* bracket, float* size,
                     int32_t* counts, int32_t* done, float* best_x, float* best_objective, int32_t* beaten) {
    const HopJudge a{phase, norm,   d,    c,       z,    origin, labels, epsilon, queries, minimal,        x,
                     point, toward, away, bracket, size, counts, done,   best_x,  best_objective, beaten};
    return device->rows(device->kernels.hop_judge, a, n, 10 * d, values(4 * d));
}

}  // extern "C"
