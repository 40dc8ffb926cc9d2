#include <algorithm>

#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

TEST(keep_closest_keeps_the_closest) {
    for (int n : kRowCounts) {
        for (int d : kWidths) {
            for (int variant = 0; variant < 4; variant++) {
                const int norm = variant % 2, minimal = variant / 2, c = 3, steps = 5;
                const float epsilon = norm == 0 ? 0.4f : 0.4f * std::sqrt(static_cast<float>(d));
                test::Random random(static_cast<unsigned>(n * 1009 + d * 4 + variant));
                Array<float> origin(box_floats(random, size_t(n) * d)), best_x(size_t(n) * d);
                Array<float> objective(std::vector<float>(n, -INFINITY));
                Array<int> labels(random.ints(n, c)), beaten(std::vector<int>(n, -1));
                std::vector<float> want_x = best_x.values();
                std::vector<double> closest(n, INFINITY);
                std::vector<int> want_beaten(n, -1);
                for (int step = 0; step < steps; step++) {
                    Array<float> x(box_floats(random, size_t(n) * d)), z(exact_floats(random, size_t(n) * c));
                    for (size_t j = 0; j < size_t(n) * d; j++) {
                        // Distances some way apart: no rounding decides.
                        x[j] = origin[j] + (x[j] - origin[j]) * (0.2f + 0.17f * ((j / d + step * 2) % 5));
                    }
                    const std::vector<float> start = x.values();
                    test::launch("keep_closest", {blocks(n, 4)}, {128}, 0, norm, n, d, c, z, origin, labels, epsilon,
                                 0.5f, minimal, step, x, best_x, objective, beaten);
                    for (int i = 0; i < n; i++) {
                        const size_t at = size_t(i) * d;
                        int predicted = 0;
                        for (int j = 1; j < c; j++) {
                            predicted = z[size_t(i) * c + j] > z[size_t(i) * c + predicted] ? j : predicted;
                        }
                        if (predicted == labels[i] || (minimal == 0 && want_beaten[i] >= 0)) {
                            EXPECT(std::equal(&x[at], &x[at] + d, &start[at]));
                            continue;
                        }
                        double distance = 0;
                        for (int j = 0; j < d; j++) {
                            const double delta = std::fabs(double(start[at + j]) - origin[at + j]);
                            distance = norm == 0 ? std::max(distance, delta) : distance + delta * delta;
                            EXPECT(x[at + j] == float(origin[at + j] + (double(start[at + j]) - origin[at + j]) * 0.5));
                        }
                        distance = norm == 0 ? distance : std::sqrt(distance);
                        if (distance < closest[i]) {
                            closest[i] = distance;
                            std::copy_n(&start[at], d, &want_x[at]);
                            want_beaten[i] = distance <= epsilon ? step : -1;
                        }
                    }
                }
                EXPECT(same(best_x.values(), want_x));
                EXPECT(beaten.values() == want_beaten);
                for (int i = 0; i < n; i++) {
                    EXPECT(std::isinf(closest[i]) ? std::isinf(objective[i])
                                                  : std::fabs(objective[i] + closest[i]) <= 1e-6 * closest[i]);
                }
            }
        }
    }
}
