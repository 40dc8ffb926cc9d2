#include "convolution.h"

namespace {

using namespace reference;
using test::Array;

void forward(Precision precision, int n, const Convolution& c, Array<float>& x, Array<float>& w, const float* b,
             int activation, float slope, Array<float>& y) {
    launch_convolution(std::string("convolution_forward") + kSuffixes[precision],
                       c.grid((long long)n * c.out_height() * c.out_width(), c.group_filters()), n, c, x, w, b, activation,
                       slope, y);
}

void forward_case(Precision precision, int n, const Convolution& c, int activation, size_t offset, bool exact) {
    test::Random random(static_cast<unsigned>(n * 1000003 + c.filters * 1009 + c.channels));
    const auto floats = [&](size_t count) { return exact ? exact_floats(random, count) : random.floats(count); };
    Array<float> x(floats(n * c.input_size()), offset), w(floats(c.weight_size()), offset), b(random.floats(c.filters), offset);
    Array<float> y(n * c.output_size(), offset);
    const float slope = 0.1f;
    const bool biased = activation % 2 == 0;
    forward(precision, n, c, x, w, biased ? b.data() : nullptr, activation, slope, y);
    std::vector<float> patch(c.depth());
    for (int i = 0; i < n; i++) {
        for (int oy = 0; oy < c.out_height(); oy++) {
            for (int ox = 0; ox < c.out_width(); ox++) {
                for (int f = 0; f < c.filters; f++) {
                    size_t k = 0;
                    c.each_tap(i, oy, ox, f / c.group_filters(),
                               [&](int, int, int, long at) { patch[k++] = at < 0 ? 0.0f : x[size_t(at)]; });
                    const Product p = product(precision, c.depth(), patch.data(), 1, &w[c.weight_at(f, 0, 0, 0)], 1);
                    const float got = y[c.output_at(i, oy, ox, f)];
                    const float bias = biased ? b[f] : 0.0f;
                    if (precision == kFloat32 || exact) {
                        EXPECT(same(got, activate(activation, slope, p.chain + bias)));
                    } else {
                        // Activations are no steeper than 1; their own error is 2 units in the last place.
                        EXPECT_CLOSE(got, activate(activation, double(slope), p.exact + bias),
                                     p.tolerance(c.depth() + 1) + 4e-7);
                    }
                }
            }
        }
    }
}

}  // namespace

TEST(convolution_forward_float32_is_one_chain) {
    int activation = 0;
    for (const Convolution& c : convolutions()) {
        for (int n : {1, 5}) {
            forward_case(kFloat32, n, c, activation++ % 6, 0, false);
        }
    }
}

TEST(convolution_forward_rounded) {
    int activation = 0;
    for (Precision precision : {kTf32, kBf16}) {
        for (const Convolution& c : convolutions()) {
            forward_case(precision, 3, c, activation % 6, 0, activation % 2 == 1);
            activation++;
        }
    }
}

TEST(convolution_forward_unaligned) {
    const Convolution c = {8, 5, 5, 36, 3, 3};
    for (Precision precision : {kFloat32, kTf32, kBf16}) {
        for (size_t offset : {1, 2}) {
            forward_case(precision, 3, c, 1, offset, true);
        }
    }
}

// An example has the same bits whatever the others are and however many.
TEST(convolution_forward_batch_free) {
    Convolution c = {5, 7, 7, 10, 3, 3};
    c.top = c.left = 1;
    test::Random random(5);
    for (Precision precision : {kFloat32, kTf32, kBf16}) {
        Array<float> x(random.floats(7 * c.input_size())), w(random.floats(c.weight_size()));
        Array<float> many(7 * c.output_size()), one(c.output_size());
        forward(precision, 7, c, x, w, nullptr, 0, 0.0f, many);
        for (int i : {0, 3, 6}) {
            Array<float> alone(std::vector<float>(x.data() + i * c.input_size(), x.data() + (i + 1) * c.input_size()));
            forward(precision, 1, c, alone, w, nullptr, 0, 0.0f, one);
            for (size_t j = 0; j < c.output_size(); j++) {
                EXPECT(same(one[j], many[i * c.output_size() + j]));
            }
        }
    }
}
