#include <algorithm>

#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

namespace {

// One element's step in double: gradient g of the penalised sum along x, Adam in w.
struct Moved {
    double first, second, w, x;
};
Moved moved(double w, double x, double origin, double pushed, double first, double second, double step_size,
            double root_correction) {
    const double t = std::tanh(w);
    const double g = (2 * (x - origin) + pushed) * (1 - t * t) / 2;
    const double m = 0.9 * first + 0.1 * g, v = 0.999 * second + 0.001 * g * g;
    const double to = w - step_size * m / (std::sqrt(v) / root_correction + 1e-8);
    return {m, v, to, (std::tanh(to) + 1) / 2};
}

}  // namespace

TEST(penalty_step_values) {
    int variant = 0;
    for (int n : kRowCounts) {
        for (int d : kWidths) {
            const int targeted = variant % 2, minimal = variant / 2 % 2, check = variant / 4 % 2, step = 8;
            const float confidence = variant % 3 == 0 ? 0.0f : 0.25f;
            const float epsilon = 0.3f * std::sqrt(static_cast<float>(d)), step_size = 0.05f, root_correction = 0.05f;
            variant++;
            test::Random random(static_cast<unsigned>(variant));
            const size_t length = size_t(n) * d;
            Array<float> value(exact_floats(random, n)), gradient(random.floats(length)), origin(box_floats(random, length));
            Array<float> state(size_t(n) * 5), x(box_floats(random, length)), w(random.floats(length, 4));
            Array<float> first(random.floats(length)), second(random.floats(length)), best_x(random.floats(length));
            Array<float> objective(std::vector<float>(n, -INFINITY));
            Array<int> done(std::vector<int>(n, -1)), beaten(std::vector<int>(n, -1)), zeros(std::vector<int>(n, 2));
            std::vector<double> square(n, 0);
            for (size_t j = 0; j < length; j++) {
                second[j] = second[j] * second[j] + 0.01f;
                const double delta = double(x[j]) - origin[j];
                square[j / d] += delta * delta;
            }
            for (int i = 0; i < n; i++) {
                float* of_row = &state[size_t(i) * 5];
                of_row[0] = 0.5f;
                of_row[1] = of_row[3] = 0.0f;
                of_row[2] = 1e10f;
                // Checks and distances some way apart: no rounding decides.
                const double f = targeted ? value[i] : -value[i];
                const double total = square[i] + 0.5 * std::max(0.0, f + double(confidence));
                of_row[4] = i % 3 == 0 ? INFINITY : static_cast<float>(total * (i % 3 == 1 ? 1.1 : 0.9));
                objective[i] = i % 4 == 0 ? -INFINITY : static_cast<float>(-std::sqrt(square[i]) * (i % 4 == 1 ? 1.2 : 0.8));
                if (i % 5 == 1) {
                    std::fill_n(&gradient[size_t(i) * d], d, 0.0f);
                } else if (i % 5 == 2) {
                    gradient[size_t(i) * d + d / 2] = i % 2 == 0 ? NAN : INFINITY;
                }
                if (i % 7 == 6) {
                    value[i] = NAN;
                }
            }
            done[n / 2] = 3;
            const std::vector<float> x0 = x.values(), w0 = w.values(), first0 = first.values(), second0 = second.values();
            const std::vector<float> best0 = best_x.values(), state0 = state.values(), objective0 = objective.values();
            test::launch("penalty_step", {blocks(n, 4)}, {128}, 0, n, d, value, gradient, origin, targeted, confidence,
                         epsilon, minimal, step_size, root_correction, step, check, state, done, x, w, first, second, best_x,
                         objective, beaten, zeros);
            for (int i = 0; i < n; i++) {
                const size_t at = size_t(i) * d;
                const double f = targeted ? value[i] : -value[i];
                const double distance = std::sqrt(square[i]);
                const bool rests = i == n / 2;
                const bool found = !rests && f < 0 && f <= -double(confidence);
                const bool inside = distance <= epsilon;
                const bool kept = found && (-distance > objective0[i] || inside);
                EXPECT(state[size_t(i) * 5 + 3] == (found ? 1.0f : 0.0f));
                EXPECT(beaten[i] == (kept && inside ? step : -1));
                EXPECT_CLOSE(objective[i], kept ? -distance : double(objective0[i]), 1e-6 * distance);
                const std::vector<float>& want_best = kept ? x0 : best0;
                EXPECT(std::equal(&best_x[at], &best_x[at] + d, &want_best[at]));
                bool over = rests || (found && minimal == 0 && kept && inside);
                const bool active = f > -double(confidence);
                double size = 0;
                for (int j = 0; j < d; j++) {
                    size += std::fabs(double(gradient[at + j]));
                }
                EXPECT(zeros[i] == 2 + (!over && active && size == 0));
                const double total = square[i] + 0.5 * (active ? f + double(confidence) : 0.0);
                const double before = state0[size_t(i) * 5 + 4];
                if (!over && check != 0) {
                    over = total > 0.9999 * before;
                    EXPECT_CLOSE(state[size_t(i) * 5 + 4], over ? before : total, 1e-6 * total);
                }
                EXPECT(done[i] == (rests ? 3 : over ? step : -1));
                for (int j = 0; j < d; j++) {
                    const size_t k = at + j;
                    if (over) {
                        EXPECT(x[k] == x0[k] && w[k] == w0[k] && first[k] == first0[k] && second[k] == second0[k]);
                        continue;
                    }
                    const double pushed = active && std::isfinite(size) ? 0.5 * double(gradient[k]) : 0;
                    const Moved want =
                            moved(w0[k], x0[k], origin[k], pushed, first0[k], second0[k], step_size, root_correction);
                    // Ten roundings of values below 4.
                    EXPECT_CLOSE(first[k], want.first, 2.4e-6);
                    EXPECT_CLOSE(second[k], want.second, 2.4e-6);
                    EXPECT_CLOSE(w[k], want.w, 2.4e-6);
                    EXPECT_CLOSE(x[k], want.x, 2.4e-6);
                }
            }
        }
    }
}
