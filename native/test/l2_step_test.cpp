#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

TEST(l2_step_values) {
    int variant = 0;
    for (int n : kRowCounts) {
        for (int d : kWidths) {
            for (float epsilon : {0.0f, 0.3f, 1.5f}) {
                variant++;
                test::Random random(static_cast<unsigned>(variant));
                const size_t length = size_t(n) * d;
                const float scale = variant % 3 == 0 ? 1e-38f : variant % 3 == 1 ? 1.0f : 1e37f;
                Array<float> gradient(random.floats(length, scale)), origin(box_floats(random, length));
                Array<float> x(box_floats(random, length));
                for (int i = 0; i < n; i++) {
                    if (i % 5 == 1) {
                        std::fill_n(&gradient[size_t(i) * d], d, 0.0f);
                    }
                    if (i % 5 == 2) {
                        gradient[size_t(i) * d + d / 2] = i % 2 == 0 ? NAN : INFINITY;
                    }
                }
                const std::vector<float> start = x.values();
                Array<int> beaten(std::vector<int>(n, -1)), zeros(std::vector<int>(n, 0));
                beaten[n / 2] = 7;
                test::launch("l2_step", {blocks(n, 4)}, {128}, 0, n, d, gradient, origin, 0.2f, epsilon, beaten, zeros, x);
                for (int i = 0; i < n; i++) {
                    const size_t at = size_t(i) * d;
                    if (i == n / 2) {
                        EXPECT(same(std::vector<float>(&x[at], &x[at] + d), {&start[at], &start[at] + d}));
                        continue;
                    }
                    double norm = 0;
                    for (int j = 0; j < d; j++) {
                        norm += double(gradient[at + j]) * gradient[at + j];
                    }
                    norm = std::sqrt(norm);
                    std::vector<double> want(&start[at], &start[at] + d);
                    for (int j = 0; j < d && std::isfinite(norm) && norm > 0; j++) {
                        want[j] += double(0.2f) * gradient[at + j] / norm;
                    }
                    project_l2(d, &origin[at], epsilon, want.data());
                    for (int j = 0; j < d; j++) {
                        // Two roundings to float32 of values up to 1.3 and a shrink by an ulp or two of epsilon.
                        EXPECT_CLOSE(x[at + j], want[j], 4e-7);
                    }
                    EXPECT(zeros[i] == (i % 5 == 1));
                    EXPECT(inside(1, d, &x[at], &origin[at], epsilon));
                }
            }
        }
    }
}

// A row that is inside already keeps its bits, also without a gradient.
TEST(l2_step_inside_stays) {
    test::Random random(1);
    const int n = 9, d = 33;
    Array<float> origin(box_floats(random, size_t(n) * d)), x(origin.values());
    for (int i = 0; i < n; i++) {
        x[size_t(i) * d + i] = 0.5f;
    }
    const std::vector<float> start = x.values();
    test::launch("l2_step", {blocks(n, 4)}, {128}, 0, n, d, nullptr, origin, 0.2f, 0.75f, nullptr, nullptr, x);
    EXPECT(same(x.values(), start));
}
