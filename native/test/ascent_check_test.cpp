#include <algorithm>

#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

// A start, steps and checkpoints of a few losses each, so that losses tie and rises meet their bound.
TEST(ascent_check_keeps_account) {
    constexpr int kFewest = 1;
    for (int n : kRowCounts) {
        for (int d : kWidths) {
            test::Random random(static_cast<unsigned>(n * 1009 + d));
            const size_t length = size_t(n) * d;
            Array<float> state(size_t(n) * 6), previous(length), best(length), best_gradient(length);
            Array<int> beaten(std::vector<int>(n, -1));
            if (n > 1) {
                beaten[n / 2] = 3;
            }
            std::vector<float> size(n, 0.5f), last(n), top(n), top_then(n);
            std::vector<int> rises(n, 0), halved(n, 1);
            std::vector<float> best_x(length), best_g(length);
            for (int step = 0; step < 9; step++) {
                Array<float> x(box_floats(random, length)), gradient(random.floats(length)), loss(n);
                const std::vector<float> start = x.values(), slope = gradient.values();
                const std::vector<int> drawn = random.ints(n, 3);
                for (int i = 0; i < n; i++) {
                    loss[i] = static_cast<float>(drawn[i] + step / 4);
                }
                const bool checks = step > 0 && step % 3 == 0;
                test::launch("ascent_check", {blocks(n, 4)}, {128}, 0, n, d, loss, step == 0 ? 0.5f : -1.0f,
                             checks ? kFewest : -1, beaten, state, x, gradient, previous, best, best_gradient);
                for (int i = 0; i < n; i++) {
                    const size_t at = size_t(i) * d;
                    if (beaten[i] >= 0) {
                        EXPECT(std::equal(&x[at], &x[at] + d, &start[at]) && std::isnan(state[size_t(i) * 6]));
                        continue;
                    }
                    if (step == 0) {
                        top[i] = top_then[i] = loss[i];
                        EXPECT(std::equal(&previous[at], &previous[at] + d, &start[at]));
                    } else {
                        rises[i] += loss[i] > last[i];
                    }
                    if (step == 0 || loss[i] > top[i]) {
                        top[i] = loss[i];
                        std::copy_n(&start[at], d, &best_x[at]);
                        std::copy_n(&slope[at], d, &best_g[at]);
                    }
                    last[i] = loss[i];
                    bool back = false;
                    if (checks) {
                        back = rises[i] <= kFewest || (halved[i] == 0 && top_then[i] >= top[i]);
                        halved[i] = back;
                        size[i] *= back ? 0.5f : 1.0f;
                        top_then[i] = top[i];
                        rises[i] = 0;
                    }
                    const float want[] = {size[i], last[i], top[i], top_then[i], float(rises[i]), float(halved[i])};
                    EXPECT(std::equal(want, want + 6, &state[size_t(i) * 6]));
                    EXPECT(std::equal(&best[at], &best[at] + d, &best_x[at]));
                    EXPECT(std::equal(&best_gradient[at], &best_gradient[at] + d, &best_g[at]));
                    EXPECT(std::equal(&x[at], &x[at] + d, back ? &best_x[at] : &start[at]));
                    EXPECT(std::equal(&gradient[at], &gradient[at] + d, back ? &best_g[at] : &slope[at]));
                }
            }
        }
    }
}
