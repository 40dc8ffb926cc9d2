#include "launch.h"
#include "reference.h"
#include "test.h"

namespace {

using namespace reference;
using test::Array;

void weight_gradient_case(Precision precision, int n, int in, int out, size_t offset, bool exact) {
    test::Random random(static_cast<unsigned>(n * 1000003 + in * 1009 + out));
    const auto floats = [&](size_t count) { return exact ? exact_floats(random, count) : random.floats(count); };
    Array<float> x(floats(size_t(n) * in), offset), dy(floats(size_t(n) * out), offset);
    Array<float> dw(size_t(out) * in, offset), db(out, offset);
    const int side = out <= 256 ? 32 : 64;
    const std::string name = std::string("dense_weight_gradient") + kSuffixes[precision];
    test::launch(name.c_str(), {blocks(out, side), blocks(in, side)}, {128}, 0, n, in, out, x, dy, dw, db);
    for (int r = 0; r < out; r++) {
        for (int c = 0; c < in; c++) {
            const Product p = product(precision, n, &dy[r], size_t(out), &x[c], size_t(in));
            const float got = dw[size_t(r) * in + c];
            if (precision == kFloat32 || exact) {
                EXPECT(same(got, p.chain));
            } else {
                EXPECT_CLOSE(got, p.exact, p.tolerance(n));
            }
        }
        float sum = 0.0f;
        for (int i = 0; i < n; i++) {
            sum += dy[size_t(i) * out + r];
        }
        EXPECT(same(db[r], sum));
    }
}

}  // namespace

TEST(dense_weight_gradient_float32_is_one_chain) {
    for (int n : kRowCounts) {
        for (int in : kWidths) {
            for (int out : kWidths) {
                weight_gradient_case(kFloat32, n, in, out, 0, false);
            }
        }
    }
}

TEST(dense_weight_gradient_rounded) {
    for (Precision precision : {kTf32, kBf16}) {
        for (int n : {1, 33, 61, 100}) {
            for (int in : {1, 17, 128, 785}) {
                for (int out : {1, 10, 33, 260}) {
                    weight_gradient_case(precision, n, in, out, 0, false);
                }
            }
            weight_gradient_case(precision, n, 132, 300, 0, true);
        }
    }
}

TEST(dense_weight_gradient_unaligned) {
    for (Precision precision : {kFloat32, kTf32, kBf16}) {
        for (size_t offset : {0, 1, 2}) {
            weight_gradient_case(precision, 61, 36, 128, offset, false);
            weight_gradient_case(precision, 33, 36, 260, offset, true);
        }
    }
}
