#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

TEST(ascent_step_linf_bits) {
    int variant = 0;
    for (int n : kRowCounts) {
        for (int d : {1, 3, 10, 17, 33, 127, 128, 785}) {
            variant++;
            test::Random random(static_cast<unsigned>(variant));
            const size_t length = size_t(n) * d;
            const float epsilon = 0.15f * static_cast<float>(variant % 4), momentum = variant % 3 == 0 ? 1.0f : 0.75f;
            std::vector<float> g = random.floats(length);
            for (size_t i = 0; i < length; i++) {
                g[i] = i / d % 3 == 1 || i % 7 == 0 ? 0.0f : g[i];  // rows whose gradient vanishes
            }
            Array<float> gradient(g), origin(box_floats(random, length)), x(box_floats(random, length));
            Array<float> previous(box_floats(random, length)), state(random.floats(size_t(n) * 6));
            const std::vector<float> start = x.values(), before = previous.values();
            Array<int> beaten(std::vector<int>(n, -1)), zeros(std::vector<int>(n, 2));
            beaten[n / 2] = 0;
            test::launch("ascent_step_linf", {blocks(n, 4)}, {128}, 0, n, d, gradient, origin, state, momentum, epsilon,
                         beaten, zeros, previous, x);
            for (int i = 0; i < n; i++) {
                bool moved = false;
                for (int j = 0; j < d; j++) {
                    const size_t at = size_t(i) * d + j;
                    if (i == n / 2) {
                        EXPECT(x[at] == start[at] && previous[at] == before[at]);
                        continue;
                    }
                    moved |= g[at] != 0;
                    const float z = cpu::linf_stepped(start[at], g[at], origin[at], state[size_t(i) * 6], epsilon);
                    const float along = start[at] + momentum * (z - start[at]);
                    const float mixed = along + (1.0f - momentum) * (start[at] - before[at]);
                    EXPECT(same(x[at], cpu::clip_linf(mixed, origin[at], epsilon)));
                    EXPECT(previous[at] == start[at]);
                }
                EXPECT(zeros[i] == 2 + (i != n / 2 && !moved));
            }
        }
    }
}

TEST(ascent_step_l2_mixes_a_step_and_the_momentum) {
    for (int n : kRowCounts) {
        for (int d : kWidths) {
            test::Random random(static_cast<unsigned>(n * 1009 + d));
            const size_t length = size_t(n) * d;
            const float epsilon = 0.4f, momentum = 0.75f;
            Array<float> gradient(random.floats(length)), origin(box_floats(random, length));
            Array<float> x(box_floats(random, length)), previous(box_floats(random, length));
            Array<float> state(std::vector<float>(size_t(n) * 6, 0.3f)), workspace(length);
            const std::vector<float> start = x.values(), before = previous.values();
            Array<int> zeros(std::vector<int>(n, 0));
            test::launch("ascent_step_l2", {blocks(n, 4)}, {128}, 0, n, d, gradient, origin, state, momentum, epsilon,
                         nullptr, zeros, workspace, previous, x);
            for (int i = 0; i < n; i++) {
                const size_t at = size_t(i) * d;
                double squares = 0;
                for (int j = 0; j < d; j++) {
                    squares += double(gradient[at + j]) * gradient[at + j];
                }
                std::vector<double> z(d);
                for (int j = 0; j < d; j++) {
                    z[j] = start[at + j] + (squares > 0 ? 0.3f * gradient[at + j] / std::sqrt(squares) : 0.0);
                }
                project_l2(d, &origin[at], epsilon, z.data());
                for (int j = 0; j < d; j++) {
                    const double value = start[at + j];
                    const double want = value + momentum * (z[j] - value) + (1 - momentum) * (value - before[at + j]);
                    EXPECT_CLOSE(x[at + j], want, 4e-6);
                    EXPECT(previous[at + j] == start[at + j]);
                }
                EXPECT(zeros[i] == (squares == 0));
            }
        }
    }
}
