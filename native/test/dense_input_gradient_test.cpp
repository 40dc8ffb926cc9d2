#include "launch.h"
#include "reference.h"
#include "test.h"

namespace {

using namespace reference;
using test::Array;

void input_gradient_case(Precision precision, int n, int in, int out, int activation, size_t offset, bool exact) {
    test::Random random(static_cast<unsigned>(n * 1000003 + in * 1009 + out));
    const auto floats = [&](size_t count) { return exact ? exact_floats(random, count) : random.floats(count); };
    Array<float> dy(floats(size_t(n) * out), offset), w(floats(size_t(out) * in), offset);
    Array<float> before(random.floats(size_t(n) * in), offset), dx(size_t(n) * in, offset);
    const float slope = 0.1f;
    const int rows = in <= 256 ? 32 : 64, columns = in <= 16 ? 16 : rows;
    const std::string name = std::string("dense_input_gradient") + kSuffixes[precision];
    test::launch(name.c_str(), {blocks(n, rows), blocks(in, columns)}, {128}, 0, n, in, out, dy, w,
                 activation == 0 ? nullptr : before.data(), activation, slope, dx);
    for (int r = 0; r < n; r++) {
        for (int c = 0; c < in; c++) {
            const Product p = product(precision, out, &dy[size_t(r) * out], 1, &w[c], size_t(in));
            const float got = dx[size_t(r) * in + c];
            const float y = before[size_t(r) * in + c];
            if (precision == kFloat32 || exact) {
                EXPECT(same(got, derivative_of(activation, slope, y, p.chain)));
            } else {
                EXPECT_CLOSE(got, p.exact * derivative(activation, slope, y),
                             p.tolerance(out) + 4 * std::fabs(p.exact) * 0x1p-23);
            }
        }
    }
}

}  // namespace

TEST(dense_input_gradient_float32_is_one_chain) {
    int activation = 0;
    for (int n : kRowCounts) {
        for (int in : kWidths) {
            for (int out : kWidths) {
                input_gradient_case(kFloat32, n, in, out, activation++ % 5, 0, false);
            }
        }
    }
}

TEST(dense_input_gradient_rounded) {
    int activation = 0;
    for (Precision precision : {kTf32, kBf16}) {
        for (int n : {1, 33, 61}) {
            for (int in : {1, 10, 17, 128, 785}) {
                for (int out : {1, 10, 33, 128}) {
                    input_gradient_case(precision, n, in, out, activation++ % 5, 0, false);
                }
            }
            input_gradient_case(precision, n, 300, 132, 0, 0, true);
        }
    }
}

TEST(dense_input_gradient_unaligned) {
    for (Precision precision : {kFloat32, kTf32, kBf16}) {
        for (size_t offset : {0, 1, 2}) {
            input_gradient_case(precision, 61, 36, 128, 1, offset, false);
            input_gradient_case(precision, 33, 260, 36, 2, offset, true);
        }
    }
}
