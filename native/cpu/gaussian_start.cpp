// x = origin + deviation * a standard normal draw, projected onto ball and box; rows of d.
#include "gaussian.h"
#include "operations.h"
#include "project.h"

namespace sp::SP_LEVEL_NAMESPACE {

void gaussian_start(const GaussianStart& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        float* x = a.x + i * a.d;
        const float* origin = a.origin + i * a.d;
        gaussian_row(a.d, a.indices[i], a.seed, a.stream, a.restart, x);
        for (int64_t j = 0; j < a.d; ++j) {
            x[j] = static_cast<float>(static_cast<double>(origin[j])
                                      + static_cast<double>(a.deviation) * static_cast<double>(x[j]));
        }
        switch (a.norm) {
            case SP_L2: project_l2(a.d, origin, a.epsilon, x); break;
            case SP_L1: project_l1(a.d, origin, a.epsilon, x); break;
            default: project_linf(a.d, origin, a.epsilon, x); break;
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
