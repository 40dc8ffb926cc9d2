#include <algorithm>

#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

TEST(penalty_search_values) {
    int variant = 0;
    for (int n : kRowCounts) {
        for (int d : kWidths) {
            const int begins = variant % 3 == 0, minimal = variant % 2;
            variant++;
            test::Random random(static_cast<unsigned>(variant));
            const size_t length = size_t(n) * d;
            Array<float> origin(box_floats(random, length)), state(size_t(n) * 5);
            Array<float> x(length), w(length), first(length), second(length);
            Array<int> beaten(std::vector<int>(n, -1)), done(std::vector<int>(n, 5));
            for (int i = 0; i < n; i++) {
                const bool bounded = i % 3 != 0;
                const float values[] = {i % 7 == 6 ? 3e9f : 0.25f, 0.125f, bounded ? 2.0f : 1e10f, i % 2 == 0 ? 1.0f : 0.0f, 7.0f};
                std::copy_n(values, 5, &state[size_t(i) * 5]);
            }
            beaten[n / 2] = 11;
            const std::vector<float> before = state.values();
            test::launch("penalty_search", {blocks(n, 4)}, {128}, 0, n, d, origin, begins, 0.001f, minimal, beaten, state,
                         done, x, w, first, second);
            for (int i = 0; i < n; i++) {
                const size_t at = size_t(i) * d;
                const float* was = &before[size_t(i) * 5];
                const float* is = &state[size_t(i) * 5];
                if (i == n / 2 && minimal == 0) {
                    EXPECT(done[i] == 11 && std::equal(is, is + 5, was) && std::isnan(x[at]));
                    continue;
                }
                EXPECT(done[i] == -1 && is[3] == 0.0f && std::isinf(is[4]));
                const float lower = begins ? 0.0f : was[3] != 0.0f ? was[1] : was[0];
                const float upper = begins ? 1e10f : was[3] != 0.0f ? was[0] : was[2];
                EXPECT(is[1] == lower && is[2] == upper);
                EXPECT(is[0] == (begins ? 0.001f : upper < 1e10f ? (lower + upper) / 2 : std::min(10 * was[0], 1e10f)));
                for (int j = 0; j < d; j++) {
                    EXPECT(x[at + j] == origin[at + j] && first[at + j] == 0.0f && second[at + j] == 0.0f);
                    const double want = std::atanh(0.999999 * (2.0 * origin[at + j] - 1));
                    EXPECT_CLOSE(w[at + j], want, 0x1p-22);  // of values up to 7.3
                    EXPECT_CLOSE((std::tanh(double(w[at + j])) + 1) / 2, origin[at + j], 6e-7);
                }
            }
        }
    }
}
