// The L-inf attack step as the epilogue of the first layer's input gradient: the gradient never reaches memory; sign,
// step, projection and box happen on it, in place on x. Same bits as convolution_input_gradient, then linf_step.
#include "convolution_gradient.h"
#include "linf_step.h"

namespace sp::SP_LEVEL_NAMESPACE {

void convolution_linf_step(const ConvolutionLinfStep& a, int64_t begin, int64_t end) {
    const int64_t values = a.shape->channels * a.shape->height * a.shape->width;
    const float step_size = a.step_size;
    const float epsilon = a.epsilon;
    for (int64_t image = begin; image < end;) {
        int64_t first = image;
        while (first < end && a.beaten != nullptr && a.beaten[first] >= 0) {
            ++first;
        }
        int64_t last = first;
        while (last < end && (a.beaten == nullptr || a.beaten[last] < 0)) {
            ++last;
        }
        image = last;
        int64_t at = first;
        int32_t moved = 0;
        const auto close = [&](int64_t next) {
            if (next != at && a.zero_gradients != nullptr && moved == 0) {
                ++a.zero_gradients[at];
            }
            moved = next == at ? moved : 0;
            at = next;
        };
        const auto finish = [&](int64_t i, int64_t offset, int64_t count, const float* __restrict g) {
            close(i);
            float* __restrict x = a.x + i * values + offset;
            const float* __restrict origin = a.origin + i * values + offset;
            int32_t any = 0;
            for (int64_t j = 0; j < count; ++j) {
                x[j] = linf_stepped(x[j], g[j], origin[j], step_size, epsilon);
                any |= static_cast<int32_t>(g[j] != 0.0f);
            }
            moved |= any;
        };
        if (!convolution_gradient(*a.shape, a.dy, a.prepared, first, last, finish)) {
            __atomic_store_n(a.status, SP_OUT_OF_MEMORY, __ATOMIC_RELAXED);
            return;
        }
        close(last);
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
