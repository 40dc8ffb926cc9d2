#include "launch.h"
#include "reference.h"
#include "test.h"

namespace {

using namespace reference;
using test::Array;

emu::Extent3 forward_grid(int n, int out) {
    const int rows = out <= 256 ? 32 : 64, columns = out <= 16 ? 16 : rows;
    return {blocks(n, rows), blocks(out, columns)};
}

void forward_case(Precision precision, int n, int in, int out, int activation, size_t offset, bool exact) {
    test::Random random(static_cast<unsigned>(n * 1000003 + in * 1009 + out));
    const auto floats = [&](size_t count) { return exact ? exact_floats(random, count) : random.floats(count); };
    Array<float> x(floats(size_t(n) * in), offset), w(floats(size_t(out) * in), offset), b(random.floats(out), offset);
    Array<float> y(size_t(n) * out, offset);
    const float slope = 0.1f;
    const std::string name = std::string("dense_forward") + kSuffixes[precision];
    test::launch(name.c_str(), forward_grid(n, out), {128}, 0, n, in, out, x, w, b, activation, slope, y);
    for (int r = 0; r < n; r++) {
        for (int c = 0; c < out; c++) {
            const Product p = product(precision, in, &x[size_t(r) * in], 1, &w[size_t(c) * in], 1);
            const float got = y[size_t(r) * out + c];
            if (precision == kFloat32 || exact) {
                EXPECT(same(got, activate(activation, slope, p.chain + b[c])));
            } else {
                // Activations are no steeper than 1; their own error is 2 units in the last place.
                EXPECT_CLOSE(got, activate(activation, double(slope), p.exact + b[c]), p.tolerance(in + 1) + 4e-7);
            }
        }
    }
}

}  // namespace

TEST(dense_forward_float32_is_one_chain) {
    int activation = 0;
    for (int n : kRowCounts) {
        for (int in : kWidths) {
            for (int out : kWidths) {
                forward_case(kFloat32, n, in, out, activation++ % 5, 0, false);
            }
        }
    }
}

TEST(dense_forward_rounded) {
    int activation = 0;
    for (Precision precision : {kTf32, kBf16}) {
        for (int n : {1, 33, 61}) {
            for (int in : {1, 17, 128, 785}) {
                for (int out : {1, 10, 33, 128, 260}) {
                    forward_case(precision, n, in, out, activation++ % 5, 0, false);
                }
            }
            forward_case(precision, n, 132, 300, 0, 0, true);
        }
    }
}

TEST(dense_forward_unaligned) {
    for (Precision precision : {kFloat32, kTf32, kBf16}) {
        for (size_t offset : {0, 1, 2}) {
            forward_case(precision, 61, 128, 36, 1, offset, false);
            forward_case(precision, 33, 36, 260, 3, offset, true);
        }
    }
}

// A row has the same bits whatever the others are and however many.
TEST(dense_forward_batch_free) {
    const int in = 100, out = 40;
    test::Random random(5);
    for (Precision precision : {kFloat32, kTf32, kBf16}) {
        const std::string name = std::string("dense_forward") + kSuffixes[precision];
        Array<float> x(random.floats(size_t(100) * in)), w(random.floats(size_t(out) * in)), b(random.floats(out));
        Array<float> many(size_t(100) * out), one(out);
        test::launch(name.c_str(), forward_grid(100, out), {128}, 0, 100, in, out, x, w, b, 0, 0.0f, many);
        for (int r : {0, 31, 32, 77, 99}) {
            test::launch(name.c_str(), forward_grid(1, out), {128}, 0, 1, in, out, x.data() + size_t(r) * in, w, b, 0,
                         0.0f, one);
            for (int c = 0; c < out; c++) {
                EXPECT(same(one[c], many[size_t(r) * out + c]));
            }
        }
    }
}
