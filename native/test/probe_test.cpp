#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

TEST(noise_probe_values) {
    test::Random random(8);
    const unsigned long long seed = 0x123456789abcdef0ull;
    const unsigned stream = 0x02abcdefu, number = 70001;
    for (int draw : {0, 1, 2}) {
        for (int n : {1, 7, 33}) {
            for (int d : {1, 2, 3, 10, 33, 128, 785}) {
                for (bool scaled : {false, true}) {
                    const float factor = draw == 0 ? -0.02f : 0.4f;
                    Array<float> point(box_floats(random, size_t(n) * d)), x(size_t(n) * d), scales(size_t(n) * 1);
                    Array<int> indices(random.ints(n, 60000)), done(std::vector<int>(n, -1));
                    for (int i = 0; i < n; i++) {
                        scales[i] = float(i % 4) * 0.5f;
                        done[i] = i % 4 == 3 ? 0 : -1;
                    }
                    test::launch("noise_probe", {blocks(n, 4)}, {128}, 0, draw, n, d, point, indices, factor,
                                 scaled ? scales.data() : nullptr, seed, stream, number, done, x);
                    for (int i = 0; i < n; i++) {
                        const size_t at = size_t(i) * d;
                        const auto words = philox_words(seed, d + 8, indices[i], number, stream);
                        std::vector<double> u(d);
                        double length = 0;
                        for (int j = 0; j < d; j++) {
                            const int pair = j / 2 * 2;
                            const double radius = std::sqrt(-2 * std::log(((words[pair] >> 8) + 1.0) * 0x1p-24));
                            const double angle = 6.283185307179586 * (words[pair + 1] >> 8) * 0x1p-24;
                            u[j] = draw == 2 ? 2.0 * (words[j] >> 8) * 0x1p-24 - 1.0
                                             : radius * (j % 2 == 0 ? std::cos(angle) : std::sin(angle));
                            length += u[j] * u[j];
                        }
                        const double scale = factor * (scaled ? scales[i] : 1.0) / (draw == 0 ? 1.0 : std::sqrt(length));
                        for (int j = 0; j < d; j++) {
                            if (done[i] >= 0) {
                                EXPECT(x[at + j] != x[at + j]);
                                continue;
                            }
                            const double want = std::fmin(1.0, std::fmax(0.0, point[at + j] + scale * u[j]));
                            EXPECT_CLOSE(x[at + j], want, 0x1p-23);
                        }
                    }
                }
            }
        }
    }
}

TEST(nes_estimate_adds_up) {
    for (int n : kRowCounts) {
        for (int d : kWidths) {
            test::Random random(static_cast<unsigned>(n * 1009 + d));
            Array<float> point(box_floats(random, size_t(n) * d)), x(box_floats(random, size_t(n) * d));
            Array<float> base(exact_floats(random, n)), loss(exact_floats(random, n)), gradient(size_t(n) * d);
            Array<int> done(std::vector<int>(n, -1));
            done[n / 2] = n > 1 ? 4 : -1;
            std::vector<float> want(size_t(n) * d, NAN);
            for (int step = 0; step < 3; step++) {
                test::launch("nes_estimate", {blocks(n, 4)}, {128}, 0, n, d, point, x, base, loss, int(step == 0), done,
                             gradient);
                for (size_t j = 0; j < want.size(); j++) {
                    const size_t i = j / d;
                    if (done[i] < 0) {
                        const double rise = double(loss[i]) - double(base[i]);
                        want[j] = float((step == 0 ? 0.0 : double(want[j])) + rise * (double(x[j]) - double(point[j])));
                    }
                }
            }
            EXPECT(same(gradient.values(), want));
        }
    }
}
