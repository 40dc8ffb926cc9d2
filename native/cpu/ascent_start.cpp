// x = origin + epsilon * v / |v|, projected onto ball and box; v uniform in [-1,1] (L-inf) or Gaussian (L2, Box and Muller);
// rows of d.
#include <algorithm>

#include "gaussian.h"
#include "operations.h"
#include "project.h"

namespace sp::SP_LEVEL_NAMESPACE {

namespace {

void start_linf(const AscentStart& a, int64_t i) {
    float* x = a.x + i * a.d;
    const float* origin = a.origin + i * a.d;
    float largest = 0.0f;
    philox_each(a.seed, 0, a.indices[i], a.restart, a.stream, a.d, [x, &largest](int64_t j, uint32_t word) {
        x[j] = 2.0f * uniform_of(word) - 1.0f;
        largest = std::max(largest, std::fabs(x[j]));
    });
    for (int64_t j = 0; j < a.d; ++j) {
        x[j] = largest > 0 ? origin[j] + a.epsilon * (x[j] / largest) : origin[j];
    }
    project_linf(a.d, origin, a.epsilon, x);
}

void start_l2(const AscentStart& a, int64_t i) {
    float* x = a.x + i * a.d;
    const float* origin = a.origin + i * a.d;
    gaussian_row(a.d, a.indices[i], a.seed, a.stream, a.restart, x);
    const double norm = std::sqrt(sum_of(a.d, [x](int64_t j, int64_t count) {
        const Doubles value = doubles_of(x + j, count);
        return value * value;
    }));
    const double scale = norm > 0 ? static_cast<double>(a.epsilon) / norm : 0.0;
    for (int64_t j = 0; j < a.d; ++j) {
        x[j] = static_cast<float>(static_cast<double>(origin[j]) + scale * static_cast<double>(x[j]));
    }
    project_l2(a.d, origin, a.epsilon, x);
}

}  // namespace

void ascent_start(const AscentStart& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        if (a.norm == SP_L2) {
            start_l2(a, i);
        } else {
            start_linf(a, i);
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
