#include "convolution.h"

namespace {

using namespace reference;
using test::Array;

// Operands are exact in every precision, so the sign of each gradient is known, zeros among them.
void linf_step_case(Precision precision, int n, const Convolution& c, size_t offset, bool counted, bool masked) {
    test::Random random(static_cast<unsigned>(n * 1000003 + c.filters * 1009 + c.channels));
    const float step_size = 0.037f, epsilon = 0.1f;
    std::vector<float> dy_values = exact_floats(random, n * c.output_size());
    for (int i = 0; i < n; i += 3) {  // examples whose gradient vanishes
        std::fill_n(dy_values.begin() + long(i * c.output_size()), c.output_size(), 0.0f);
    }
    Array<float> dy(dy_values, offset), w(exact_floats(random, c.weight_size()), offset);
    Array<float> origin(box_floats(random, n * c.input_size()), offset), x(box_floats(random, n * c.input_size()), offset);
    const std::vector<float> start = x.values();
    std::vector<int> beaten_values(n, -1);
    for (int i = 1; masked && i < n; i += 2) {
        beaten_values[i] = 3;
    }
    Array<int> beaten(beaten_values), zeros(std::vector<int>(n, 5)), scratch(std::vector<int>(n + 1, 0));
    for (int launch = 0; launch < 2; launch++) {
        launch_convolution(std::string("convolution_linf_step") + kSuffixes[precision], c.gradient_grid(n), n, c, dy, w,
                           origin, step_size, epsilon, masked ? beaten.data() : nullptr, counted ? zeros.data() : nullptr,
                           scratch, x);
    }
    for (int i = 0; i < n; i++) {
        const bool active = beaten[i] < 0;
        bool moved = false;
        for (int y = 0; y < c.height; y++) {
            for (int column = 0; column < c.width; column++) {
                for (int k = 0; k < c.channels; k++) {
                    const float g = c.gradient(precision, dy.data(), w.data(), i, y, column, k).chain;
                    moved |= g != 0.0f;
                    const size_t at = size_t(c.input_at(i, y, column, k));
                    float want = start[at];
                    for (int launch = 0; active && launch < 2; launch++) {
                        want = cpu::linf_stepped(want, g, origin[at], step_size, epsilon);
                    }
                    EXPECT(same(x[at], want));
                }
            }
        }
        EXPECT(zeros[i] == 5 + (counted && active && !moved ? 2 : 0));
        EXPECT(!active || inside(0, int(c.input_size()), &x[i * c.input_size()], &origin[i * c.input_size()], epsilon));
    }
    for (int left : scratch.values()) {
        EXPECT(left == 0);
    }
}

}  // namespace

TEST(convolution_linf_step_bits) {
    int variant = 0;
    for (Precision precision : {kFloat32, kTf32, kBf16}) {
        for (const Convolution& c : convolutions()) {
            variant++;
            linf_step_case(precision, variant % 2 == 0 ? 7 : 4, c, size_t(variant % 5 == 0), variant % 4 != 0,
                           variant % 3 != 0);
        }
    }
}

// More examples than a block has threads: the last block counts them all.
TEST(convolution_linf_step_counts_many) {
    Convolution c = {1, 3, 3, 2, 2, 2};
    linf_step_case(kFloat32, 150, c, 0, true, true);
}
