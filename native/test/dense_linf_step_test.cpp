#include "launch.h"
#include "reference.h"
#include "test.h"

namespace {

using namespace reference;
using test::Array;

// Operands are exact in every precision, so the sign of each gradient is known, zeros among them.
void linf_step_case(Precision precision, int n, int in, int out, size_t offset, bool counted, bool masked) {
    test::Random random(static_cast<unsigned>(n * 1000003 + in * 1009 + out));
    const float step_size = 0.037f, epsilon = 0.1f;
    std::vector<float> dy_values = exact_floats(random, size_t(n) * out);
    for (int i = 0; i < n; i += 3) {  // rows whose gradient vanishes
        std::fill_n(dy_values.begin() + long(i) * out, out, 0.0f);
    }
    Array<float> dy(dy_values, offset), w(exact_floats(random, size_t(out) * in), offset);
    Array<float> origin(box_floats(random, size_t(n) * in), offset), x(box_floats(random, size_t(n) * in), offset);
    const std::vector<float> start = x.values();
    std::vector<int> beaten_values(n, -1);
    for (int i = 1; masked && i < n; i += 2) {
        beaten_values[i] = 3;
    }
    Array<int> beaten(beaten_values), zeros(std::vector<int>(n, 5)), scratch(std::vector<int>(n + (n + 31) / 32, 0));
    const int rows = in <= 256 ? 32 : 64, columns = in <= 16 ? 16 : rows;
    const std::string name = std::string("dense_linf_step") + kSuffixes[precision];
    for (int launch = 0; launch < 2; launch++) {
        test::launch(name.c_str(), {blocks(n, rows), blocks(in, columns)}, {128}, 0, n, in, out, dy, w, origin,
                     step_size, epsilon, masked ? beaten.data() : nullptr, counted ? zeros.data() : nullptr, scratch, x);
    }
    for (int i = 0; i < n; i++) {
        const bool active = beaten[i] < 0;
        bool moved = false;
        for (int j = 0; j < in; j++) {
            const float g = product(precision, out, &dy[size_t(i) * out], 1, &w[j], size_t(in)).chain;
            moved |= g != 0.0f;
            const size_t at = size_t(i) * in + j;
            float want = start[at];
            for (int launch = 0; active && launch < 2; launch++) {
                want = cpu::linf_stepped(want, g, origin[at], step_size, epsilon);
            }
            EXPECT(same(x[at], want));
        }
        EXPECT(zeros[i] == 5 + (counted && active && !moved ? 2 : 0));
        EXPECT(!active || inside(0, in, &x[size_t(i) * in], &origin[size_t(i) * in], epsilon));
    }
    for (int left : scratch.values()) {
        EXPECT(left == 0);
    }
}

}  // namespace

TEST(dense_linf_step_bits) {
    int variant = 0;
    for (Precision precision : {kFloat32, kTf32, kBf16}) {
        for (int n : kRowCounts) {
            for (int in : {1, 10, 17, 128, 785}) {
                for (int out : {1, 10, 33, 128}) {
                    variant++;
                    linf_step_case(precision, n, in, out, 0, variant % 4 != 0, variant % 3 != 0);
                }
            }
        }
    }
}

TEST(dense_linf_step_unaligned) {
    for (Precision precision : {kFloat32, kTf32, kBf16}) {
        for (size_t offset : {0, 1, 2}) {
            linf_step_case(precision, 61, 36, 128, offset, true, true);
            linf_step_case(precision, 70, 300, 36, offset, true, false);
        }
    }
}
