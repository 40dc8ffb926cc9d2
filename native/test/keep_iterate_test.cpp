#include <algorithm>

#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

TEST(keep_iterate_follows_the_best) {
    for (int targeted : {0, 1}) {
        for (int n : kRowCounts) {
            for (int d : {1, 17, 33, 128, 785}) {
                const int c = 10, steps = 4;
                test::Random random(static_cast<unsigned>(n * 1009 + d));
                Array<int> labels(random.ints(n, c)), beaten(std::vector<int>(n, -1));
                Array<float> best_x(size_t(n) * d), objective(std::vector<float>(n, -INFINITY));
                std::vector<float> want_x = best_x.values(), want_objective = objective.values();
                std::vector<int> want_beaten(n, -1);
                for (int step = 0; step < steps; step++) {
                    Array<float> x(random.floats(size_t(n) * d)), z(exact_floats(random, size_t(n) * c));
                    Array<float> loss(random.floats(n));
                    for (int i = 0; i < n; i++) {
                        if (step < 3 && targeted == 0 && i % 3 != 0) {
                            z[size_t(i) * c + labels[i]] = 2;  // not yet misclassified
                        }
                    }
                    test::launch("keep_iterate", {blocks(n, 4)}, {128}, 0, n, d, c, x, z, labels, loss, targeted, step,
                                 best_x, objective, beaten);
                    for (int i = 0; i < n; i++) {
                        int predicted = 0;
                        for (int j = 1; j < c; j++) {
                            predicted = z[size_t(i) * c + j] > z[size_t(i) * c + predicted] ? j : predicted;
                        }
                        const bool success = (predicted == labels[i]) == (targeted == 1);
                        const float value = targeted == 1 ? -loss[i] : loss[i];
                        if (want_beaten[i] >= 0 || !(success || value > want_objective[i])) {
                            continue;
                        }
                        want_objective[i] = value;
                        std::copy_n(&x[size_t(i) * d], d, &want_x[size_t(i) * d]);
                        want_beaten[i] = success ? step : -1;
                    }
                }
                EXPECT(same(best_x.values(), want_x) && same(objective.values(), want_objective));
                EXPECT(beaten.values() == want_beaten);
            }
        }
    }
}
