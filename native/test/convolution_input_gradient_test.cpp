#include "convolution.h"

namespace {

using namespace reference;
using test::Array;

void input_gradient_case(Precision precision, int n, const Convolution& c, int activation, size_t offset, bool exact) {
    test::Random random(static_cast<unsigned>(n * 1000003 + c.filters * 1009 + c.channels));
    const auto floats = [&](size_t count) { return exact ? exact_floats(random, count) : random.floats(count); };
    Array<float> dy(floats(n * c.output_size()), offset), w(floats(c.weight_size()), offset);
    Array<float> before(random.floats(n * c.input_size()), offset), dx(n * c.input_size(), offset);
    const float slope = 0.1f;
    launch_convolution(std::string("convolution_input_gradient") + kSuffixes[precision], c.gradient_grid(n), n, c, dy, w,
                       activation == 0 ? nullptr : before.data(), activation, slope, dx);
    for (int i = 0; i < n; i++) {
        for (int y = 0; y < c.height; y++) {
            for (int x = 0; x < c.width; x++) {
                for (int k = 0; k < c.channels; k++) {
                    const Product p = c.gradient(precision, dy.data(), w.data(), i, y, x, k);
                    const size_t at = size_t(c.input_at(i, y, x, k));
                    if (precision == kFloat32 || exact) {
                        EXPECT(same(dx[at], derivative_of(activation, slope, before[at], p.chain)));
                    } else {
                        const double slant = derivative(activation, double(slope), before[at]);
                        EXPECT_CLOSE(dx[at], p.exact * slant, p.tolerance(c.taps() * c.group_filters() + 2) * std::fabs(slant));
                    }
                }
            }
        }
    }
}

}  // namespace

TEST(convolution_input_gradient_float32_is_one_chain) {
    int activation = 0;
    for (const Convolution& c : convolutions()) {
        for (int n : {1, 5}) {
            input_gradient_case(kFloat32, n, c, activation++ % 6, 0, false);
        }
    }
}

TEST(convolution_input_gradient_rounded) {
    int activation = 0;
    for (Precision precision : {kTf32, kBf16}) {
        for (const Convolution& c : convolutions()) {
            input_gradient_case(precision, 3, c, activation % 3, 0, activation % 2 == 1);
            activation++;
        }
    }
}

TEST(convolution_input_gradient_unaligned) {
    const Convolution c = {36, 5, 5, 8, 3, 3};
    for (Precision precision : {kFloat32, kTf32, kBf16}) {
        for (size_t offset : {1, 2}) {
            input_gradient_case(precision, 3, c, 1, offset, true);
        }
    }
}
