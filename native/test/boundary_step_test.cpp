#include <algorithm>

#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

namespace {

// The shortest way from a point to value + <w, u - point> = 0 within the box, by bisection.
std::vector<double> way(bool linf, double value, int d, const float* w, const std::vector<double>& point) {
    const double side = value < 0 ? 1 : -1;
    std::vector<double> delta(static_cast<size_t>(d));
    const auto reached = [&](double t) {
        double sum = value;
        for (int j = 0; j < d; j++) {
            const double sign = w[j] > 0 ? 1 : w[j] < 0 ? -1 : 0;
            const size_t at = static_cast<size_t>(j);
            const double to = point[at] + side * t * (linf ? sign : static_cast<double>(w[j]));
            delta[at] = std::min(std::max(to, 0.0), 1.0) - point[at];
            sum += delta[at] * w[j];
        }
        return side * sum >= 0;
    };
    double low = 0, high = 1;
    while (high < 1e30 && !reached(high)) {
        high *= 2;
    }
    for (int k = 0; k < 200; k++) {
        const double middle = 0.5 * (low + high);
        (reached(middle) ? high : low) = middle;
    }
    reached(high);
    return delta;
}

double length(bool linf, const std::vector<double>& v) {
    double total = 0;
    for (double one : v) {
        total = linf ? std::max(total, std::fabs(one)) : total + one * one;
    }
    return linf ? total : std::sqrt(total);
}

}  // namespace

TEST(boundary_step_values) {
    for (int n : kRowCounts) {
        for (int d : kWidths) {
            for (int norm : {0, 1}) {
                const int c = 3;
                test::Random random(static_cast<unsigned>(n * 1009 + d * 2 + norm));
                const size_t values = size_t(n) * d;
                Array<float> z(random.floats(size_t(n) * c)), direction(std::vector<float>(size_t(n) * c)), gradient(random.floats(values));
                Array<float> origin(box_floats(random, values)), x(box_floats(random, values));
                Array<int> beaten(std::vector<int>(n, -1)), zeros(std::vector<int>(n, 2));
                beaten[n / 2] = 0;
                for (int i = 0; i < n; i++) {
                    direction[size_t(i) * c] = 1;
                    direction[size_t(i) * c + 1 + i % 2] = -1;
                    if (i % 5 == 1) {
                        std::fill_n(&gradient[size_t(i) * d], d, 0.0f);
                    }
                    if (i % 5 == 2) {
                        gradient[size_t(i) * d + d / 2] = i % 2 == 0 ? NAN : INFINITY;
                    }
                    if (i % 5 == 3) {
                        z[size_t(i) * c] = 1e4f;  // no point of the box is at the boundary
                    }
                }
                const std::vector<float> start = x.values();
                test::launch("boundary_step", {blocks(n, 4)}, {128}, 0, norm, n, d, c, z, direction, gradient, origin,
                             0.1f, 1.05f, beaten, zeros, x);
                for (int i = 0; i < n; i++) {
                    const size_t at = size_t(i) * d;
                    const bool active = i != n / 2;
                    EXPECT(zeros[i] == 2 + (active && i % 5 == 1));
                    if (!active || i % 5 == 1 || i % 5 == 2) {
                        EXPECT(same(std::vector<float>(&x[at], &x[at] + d), {&start[at], &start[at] + d}));
                        continue;
                    }
                    const double value = double(z[size_t(i) * c]) - z[size_t(i) * c + 1 + i % 2];
                    std::vector<double> from(&start[at], &start[at] + d), to(&origin[at], &origin[at] + d);
                    double at_origin = value;
                    for (int j = 0; j < d; j++) {
                        at_origin += gradient[at + j] * (to[j] - from[j]);
                    }
                    const std::vector<double> here = way(norm == 0, value, d, &gradient[at], from);
                    const std::vector<double> there = way(norm == 0, at_origin, d, &gradient[at], to);
                    const double one = length(norm == 0, here), both = one + length(norm == 0, there);
                    const double share = both > 0 ? std::min(one / both, double(0.1f)) : 0;
                    for (int j = 0; j < d; j++) {
                        const double want = (1 - share) * (from[j] + double(1.05f) * here[j]) +
                                            share * (to[j] + double(1.05f) * there[j]);
                        EXPECT_CLOSE(x[at + j], std::min(std::max(want, 0.0), 1.0), 2e-7);
                    }
                }
            }
        }
    }
}
