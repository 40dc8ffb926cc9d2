#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

TEST(momentum_values) {
    int variant = 0;
    for (int n : kRowCounts) {
        for (int d : kWidths) {
            variant++;
            test::Random random(static_cast<unsigned>(variant));
            const size_t length = size_t(n) * d;
            const float scale = variant % 3 == 0 ? 1e-38f : variant % 3 == 1 ? 1.0f : 1e37f;
            const float decay = variant % 2 == 0 ? 1.0f : 0.9f;
            Array<float> gradient(random.floats(length, scale)), momentum(random.floats(length));
            for (int i = 0; i < n; i++) {
                if (i % 5 == 1) {
                    std::fill_n(&gradient[size_t(i) * d], d, 0.0f);
                }
                if (i % 5 == 2) {
                    gradient[size_t(i) * d + d / 2] = i % 2 == 0 ? NAN : INFINITY;
                }
            }
            const std::vector<float> start = momentum.values();
            Array<int> beaten(std::vector<int>(n, -1)), zeros(std::vector<int>(n, 3));
            beaten[n / 2] = 7;
            test::launch("momentum", {blocks(n, 4)}, {128}, 0, n, d, gradient, decay, beaten, zeros, momentum);
            for (int i = 0; i < n; i++) {
                const size_t at = size_t(i) * d;
                if (i == n / 2) {
                    EXPECT(same(std::vector<float>(&momentum[at], &momentum[at] + d), {&start[at], &start[at] + d}));
                    EXPECT(zeros[i] == 3);
                    continue;
                }
                double size = 0;
                for (int j = 0; j < d; j++) {
                    size += std::fabs(double(gradient[at + j]));
                }
                for (int j = 0; j < d; j++) {
                    const bool added = std::isfinite(size) && size > 0;
                    const double want = double(decay) * start[at + j] + (added ? gradient[at + j] / size : 0);
                    EXPECT_CLOSE(momentum[at + j], want, 1.1 * 0x1p-24);  // one rounding of a value below 2
                }
                EXPECT(zeros[i] == 3 + (i % 5 == 1));
            }
        }
    }
}

TEST(momentum_needs_no_account) {
    Array<float> gradient(std::vector<float>{1.0f, -3.0f}), momentum(std::vector<float>{0.5f, 0.5f});
    test::launch("momentum", {1}, {128}, 0, 1, 2, gradient, 1.0f, nullptr, nullptr, momentum);
    EXPECT(momentum[0] == 0.75f && momentum[1] == -0.25f);
}
