// dx = (the gradient of a convolution with respect to its input) * activation'(y_before): dy channels last, y_before and
// dx laid out like the input.
#include "activation.h"
#include "convolution_gradient.h"

namespace sp::SP_LEVEL_NAMESPACE {

void convolution_input_gradient(const ConvolutionInputGradient& a, int64_t begin, int64_t end) {
    const int64_t values = a.shape->channels * a.shape->height * a.shape->width;
    const auto finish = [&](int64_t image, int64_t offset, int64_t count, const float* sums) {
        const int64_t at = image * values + offset;
        // Without an activation before this layer, the derivative reads the sums for y as well and ignores them.
        const float* y = a.activation == SP_IDENTITY ? sums : a.y_before + at;
        float* dx = a.dx + at;
        each_vector(count, [=, activation = a.activation, slope = a.slope](int64_t j, auto lanes) {
            const Vec dy = load_first(sums + j, lanes);
            store_first(dx + j, activation_derivative(activation, slope, load_first(y + j, lanes), dy), lanes);
        });
    };
    if (!convolution_gradient(*a.shape, a.dy, a.prepared, begin, end, finish)) {
        __atomic_store_n(a.status, SP_OUT_OF_MEMORY, __ATOMIC_RELAXED);
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
