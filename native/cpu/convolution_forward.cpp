// y = activation(x * W + b): x images channels last or first, W packed by convolution_prepare, y channels last.
#include "activation.h"
#include "convolution.h"

namespace sp::SP_LEVEL_NAMESPACE {

namespace {

template <class Element>
void forward(const ConvolutionForward& a, int64_t begin, int64_t end) {
    const sp_convolution& s = *a.shape;
    const Axes axes = Axes::forward(s);
    const Frame frame = forward_frame(s);
    const bool lies = sizeof(Element) == sizeof(float) && frame.lies(axes);
    void* memory = scratch(Pieces::bytes<Run>(axes.taps()) + Pieces::bytes<float>(round_up(s.filters, kPanel))
                           + (lies ? 0 : Pieces::bytes<Element>(frame_elements(frame, axes))));
    if (memory == nullptr) {
        __atomic_store_n(a.status, SP_OUT_OF_MEMORY, __ATOMIC_RELAXED);
        return;
    }
    Pieces pieces(memory);
    Run* runs = pieces.take<Run>(axes.taps());
    float* bias = pieces.take<float>(round_up(s.filters, kPanel));
    Element* source = pieces.take<Element>(0);
    for (int64_t f = 0; f < s.filters; ++f) {
        bias[f] = a.b == nullptr ? 0.0f : a.b[f];
    }
    const bool simple = a.activation == SP_RELU || a.activation == SP_IDENTITY;
    if (!lies) {
        clear_frame(frame, axes, source);
    }
    for (int64_t i = begin; i < end; ++i) {
        const float* x = a.x + i * s.channels * s.height * s.width;
        float* y = a.y + i * s.filters * axes.y.outputs * axes.x.outputs;
        const Element* read = source;
        if (lies) {
            read = reinterpret_cast<const Element*>(x);
        } else {
            fill_frame(frame, axes, x, source);
        }
        const auto finish = [&](const Place& at, const float (*sums)[kLanes]) {
            float* to = y + (at.y * axes.x.outputs + at.x) * s.filters + at.channel;
            const float* summand = bias + at.channel;
            if (simple && at.channels % kWidth == 0) {
                for (int p = 0; p < at.pixels; ++p, to += s.filters) {
                    for (int c = 0; c < at.channels; c += kWidth) {
                        const Vec sum = load(sums[p] + c) + load(summand + c);
                        store(to + c, a.activation == SP_RELU ? relu(sum) : sum);
                    }
                }
                return;
            }
            for (int p = 0; p < at.pixels; ++p, to += s.filters) {
                activate(a.activation, a.slope, at.channels, sums[p], summand, to);
            }
        };
        image_product(axes, frame, s.filters / s.groups, read, reinterpret_cast<const Element*>(a.prepared), runs,
                      finish);
    }
}

}  // namespace

void convolution_forward(const ConvolutionForward& a, int64_t begin, int64_t end) {
    if (by_pairs(*a.shape, a.shape->channels / a.shape->groups)) {
        forward<uint16_t>(a, begin, end);
    } else {
        forward<float>(a, begin, end);
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
