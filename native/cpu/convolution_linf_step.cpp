// The L-inf attack step as the epilogue of the first layer's input gradient: the gradient never reaches memory; sign,
// step, projection and box happen on it, in place on x. Same bits as convolution_input_gradient, then linf_step.
#include "convolution_gradient.h"
#include "linf_step.h"

namespace sp::SP_LEVEL_NAMESPACE {

void convolution_linf_step(const ConvolutionLinfStep& a, int64_t begin, int64_t end) {
    const int64_t values = a.shape->channels * a.shape->height * a.shape->width;
    const float step_size = a.step_size;
    const float epsilon = a.epsilon;
    for (int64_t image = begin; image < end; ++image) {
        if (a.beaten != nullptr && a.beaten[image] >= 0) {
            continue;
        }
        int32_t moved = 0;
        const auto finish = [&](int64_t, int64_t offset, int64_t count, const float* __restrict g) {
            float* __restrict x = a.x + image * values + offset;
            const float* __restrict origin = a.origin + image * values + offset;
            for (int64_t j = 0; j < count; ++j) {
                x[j] = linf_stepped(x[j], g[j], origin[j], step_size, epsilon);
                moved |= static_cast<int32_t>(g[j] != 0.0f);
            }
        };
        if (!convolution_gradient(*a.shape, a.dy, a.prepared, image, image + 1, finish)) {
            __atomic_store_n(a.status, SP_OUT_OF_MEMORY, __ATOMIC_RELAXED);
            return;
        }
        if (a.zero_gradients != nullptr && moved == 0) {
            ++a.zero_gradients[image];
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
