#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

TEST(linf_step_bits) {
    int variant = 0;
    for (int n : kRowCounts) {
        for (int d : {1, 3, 10, 17, 33, 127, 128, 784, 785}) {
            for (float epsilon : {0.0f, 0.1f, 8.0f / 255, 2.0f}) {
                variant++;
                test::Random random(static_cast<unsigned>(variant));
                const size_t length = size_t(n) * d, offset = variant % 5 == 0 ? 1 : 0;
                std::vector<float> g = random.floats(length);
                for (size_t i = 0; i < length; i++) {
                    g[i] = i % 7 == 0 ? 0.0f : i % 11 == 0 ? NAN : i % 13 == 0 ? -INFINITY : g[i];
                    g[i] = i / d % 3 == 1 ? 0.0f : g[i];  // rows whose gradient vanishes
                }
                Array<float> gradient(g, offset), origin(box_floats(random, length), offset);
                Array<float> x(box_floats(random, length), offset);
                const std::vector<float> start = x.values();
                Array<int> beaten(std::vector<int>(n, -1)), zeros(std::vector<int>(n, 2));
                beaten[n / 2] = 0;
                const bool projects = variant % 4 == 3;
                test::launch("linf_step", {blocks(n, 4)}, {128}, 0, n, d, projects ? nullptr : gradient.data(), origin,
                             0.037f, epsilon, beaten, zeros, x);
                for (int i = 0; i < n; i++) {
                    bool moved = projects;
                    for (int j = 0; j < d; j++) {
                        const size_t at = size_t(i) * d + j;
                        moved |= g[at] != 0;
                        const float want = projects ? cpu::clip_linf(start[at], origin[at], epsilon)
                                                    : cpu::linf_stepped(start[at], g[at], origin[at], 0.037f, epsilon);
                        EXPECT(same(x[at], i == n / 2 ? start[at] : want));
                    }
                    EXPECT(zeros[i] == 2 + (i != n / 2 && !moved));
                    EXPECT(i == n / 2 || inside(0, d, &x[size_t(i) * d], &origin[size_t(i) * d], epsilon));
                }
            }
        }
    }
}
