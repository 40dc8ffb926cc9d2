#include "convolution.h"

namespace {

using namespace reference;
using test::Array;

void weight_gradient_case(Precision precision, int n, int part, const Convolution& c, size_t offset, bool exact) {
    test::Random random(static_cast<unsigned>(n * 1000003 + c.filters * 1009 + c.channels));
    const auto floats = [&](size_t count) { return exact ? exact_floats(random, count) : random.floats(count); };
    Array<float> x(floats(n * c.input_size()), offset), dy(floats(n * c.output_size()), offset);
    Array<float> dw(c.weight_size(), offset), db(c.filters, offset);
    const int parts = int(blocks(n, part)), filters = c.group_filters(), side = filters <= 32 ? 32 : 64;
    Array<float> partial(size_t(parts) * c.filters * (c.depth() + 1), offset);
    launch_convolution(std::string("convolution_weight_gradient") + kSuffixes[precision],
                       unsigned(parts * c.groups) * blocks(filters, side) * blocks(c.depth(), side), n, c, part, x, dy,
                       partial);
    const bool biased = n % 2 == 1;
    test::launch("convolution_weight_gradient_sum", {blocks(c.filters * (c.depth() + 1), 256)}, {256}, 0, parts, 32 / part,
                 c.filters, c.taps(), c.group_channels(), partial, dw, biased ? db.data() : nullptr);

    // Parts, chunks and all, by the same steps; and the sum in double.
    struct Sum {
        float total = 0.0f, chunk = 0.0f;
        double exact = 0.0, size = 0.0;
        void add(const Product& p, bool ends) {
            chunk += p.chain;
            exact += p.exact;
            size += p.size;
            if (ends) {
                total += chunk;
                chunk = 0.0f;
            }
        }
    };
    const auto ends = [&](int p) { return p == parts - 1 || (p + 1) % (32 / part) == 0; };
    const auto each_position = [&](int p, const auto& body) {
        for (int i = p * part; i < std::min(n, (p + 1) * part); i++) {
            for (int oy = 0; oy < c.out_height(); oy++) {
                for (int ox = 0; ox < c.out_width(); ox++) {
                    body(i, oy, ox);
                }
            }
        }
    };
    for (int f = 0; f < c.filters; f++) {
        Sum bias;
        for (int p = 0; p < parts; p++) {
            Product sum;
            each_position(p, [&](int i, int oy, int ox) { sum.chain += dy[c.output_at(i, oy, ox, f)]; });
            bias.add(sum, ends(p));
        }
        EXPECT(biased ? same(db[f], bias.total) : db[f] != db[f]);
        for (int ky = 0; ky < c.kernel_height; ky++) {
            for (int kx = 0; kx < c.kernel_width; kx++) {
                for (int k = 0; k < c.group_channels(); k++) {
                    Sum want;
                    for (int p = 0; p < parts; p++) {
                        std::vector<float> gradients, inputs;
                        each_position(p, [&](int i, int oy, int ox) {
                            const long at = c.input_at(i, oy * c.stride_y - c.top + ky * c.dilation_y,
                                                       ox * c.stride_x - c.left + kx * c.dilation_x,
                                                       f / filters * c.group_channels() + k);
                            gradients.push_back(dy[c.output_at(i, oy, ox, f)]);
                            inputs.push_back(at < 0 ? 0.0f : x[size_t(at)]);
                        });
                        want.add(product(precision, int(gradients.size()), gradients.data(), 1, inputs.data(), 1), ends(p));
                    }
                    const float got = dw[((size_t(f) * c.group_channels() + k) * c.kernel_height + ky) * c.kernel_width + kx];
                    if (precision == kFloat32 || exact) {
                        EXPECT(same(got, want.total));
                    } else {
                        EXPECT_CLOSE(got, want.exact, want.size * n * c.out_height() * c.out_width() * 0x1p-23);
                    }
                }
            }
        }
    }
}

}  // namespace

TEST(convolution_weight_gradient_float32_is_a_chain_a_part) {
    int variant = 0;
    for (const Convolution& c : convolutions()) {
        weight_gradient_case(kFloat32, 5, 1 << variant % 3, c, 0, false);
        variant++;
    }
}

TEST(convolution_weight_gradient_chunks) {
    const Convolution c = {2, 3, 3, 3, 2, 2};
    for (int part : {1, 8, 32}) {
        weight_gradient_case(kFloat32, 71, part, c, 0, false);
    }
}

TEST(convolution_weight_gradient_rounded) {
    int variant = 0;
    for (Precision precision : {kTf32, kBf16}) {
        for (const Convolution& c : convolutions()) {
            weight_gradient_case(precision, 4, 2, c, 0, variant++ % 2 == 1);
        }
    }
}

TEST(convolution_weight_gradient_unaligned) {
    const Convolution c = {36, 4, 4, 8, 2, 2};
    for (Precision precision : {kFloat32, kTf32, kBf16}) {
        for (size_t offset : {1, 2}) {
            weight_gradient_case(precision, 3, 2, c, offset, true);
        }
    }
}
