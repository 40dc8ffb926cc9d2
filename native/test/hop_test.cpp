#include <algorithm>

#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

namespace {

// All rows of one batch.
struct Hop {
    int norm, n, d;
    Array<float> origin, x, point, toward, away, bracket, size, best_x, objective;
    Array<int> counts, done, beaten;

    Hop(int of_norm, int rows, int width, unsigned seed, test::Random random)
        : norm(of_norm), n(rows), d(width), origin(box_floats(random, size_t(rows) * width)),
          x(box_floats(random, size_t(rows) * width)), point(box_floats(random, size_t(rows) * width)),
          toward(exact_floats(random, size_t(rows) * width)), away(exact_floats(random, size_t(rows) * width)),
          bracket(size_t(rows) * 2), size(exact_floats(random, rows)), best_x(size_t(rows) * width),
          objective(std::vector<float>(rows, -INFINITY)), counts(size_t(rows) * 3), done(std::vector<int>(rows, -1)),
          beaten(std::vector<int>(rows, -1)) {
        for (int i = 0; i < n; i++) {
            bracket[2 * i] = 0.125f * float(i % 4);
            bracket[2 * i + 1] = 0.5f + 0.125f * float((i + seed) % 4);
            counts[3 * i] = i % 5;
            counts[3 * i + 1] = i % 3;
            counts[3 * i + 2] = (i + 1) % 3;
            done[i] = i % 6 == 5 ? 0 : -1;
        }
    }

    double distance(const Array<float>& at, int i) const {
        double sum = 0, largest = 0;
        for (int j = 0; j < d; j++) {
            const double delta = std::fabs(double(at[size_t(i) * d + j]) - double(origin[size_t(i) * d + j]));
            sum += delta * delta;
            largest = std::max(largest, delta);
        }
        return norm == 0 ? largest : std::sqrt(sum);
    }

    double between(int i, int j, double share) const {
        const size_t at = size_t(i) * d + j;
        const double way = double(point[at]) - origin[at], bound = share * distance(point, i);
        return origin[at] + (norm == 0 ? std::min(std::max(way, -bound), bound) : share * way);
    }
};

template <class Use>
void each(const Use& use) {
    for (int n : {1, 7, 33}) {
        for (int d : kWidths) {
            for (int norm : {0, 1}) {
                const unsigned seed = static_cast<unsigned>(n * 1009 + d * 4 + norm);
                Hop hop(norm, n, d, seed, test::Random(seed));
                use(hop);
            }
        }
    }
}

}  // namespace

TEST(hop_turn_into_each_phase) {
    for (int phase : {1, 2, 3}) {
        each([&](Hop& h) {
            const int queries = 4, iteration = 5;
            for (int i = 0; i < h.n; i++) {
                h.objective[i] = i % 4 == 3 ? -INFINITY : i % 4 == 2 ? -0.0f : -1.5f;
                h.beaten[i] = i % 7 == 4 ? 2 : -1;
            }
            const std::vector<float> point = h.point.values(), toward = h.toward.values(), away = h.away.values();
            const std::vector<float> bracket = h.bracket.values();
            const std::vector<int> done = h.done.values();
            std::vector<double> distance(h.n), landed(point.size());
            for (int i = 0; i < h.n; i++) {
                distance[i] = h.distance(h.point, i);
                for (int j = 0; j < h.d; j++) {
                    landed[size_t(i) * h.d + j] = h.between(i, j, bracket[2 * i + 1]);
                }
            }
            test::launch("hop_turn", {blocks(h.n, 4)}, {128}, 0, phase, h.norm, h.n, h.d, iteration, queries, 0, h.origin,
                         h.objective, h.beaten, h.point, h.toward, h.away, h.bracket, h.size, h.counts, h.done);
            for (int i = 0; i < h.n; i++) {
                const bool over = phase == 1 ? i % 4 > 1 || i % 5 >= queries || i % 7 == 4 : done[i] >= 0;
                EXPECT(h.done[i] == (over ? 0 : -1));
                const size_t at = size_t(i) * h.d;
                if (over) {
                    EXPECT(std::equal(&h.point[at], &h.point[at] + h.d, &point[at]));
                    EXPECT(std::equal(&h.toward[at], &h.toward[at] + h.d, &toward[at]));
                    continue;
                }
                const int hits = i % 3, misses = (i + 1) % 3;
                double length = 0;
                std::vector<double> v(h.d);
                for (int j = 0; j < h.d; j++) {
                    v[j] = (hits > 0 ? toward[at + j] * (1.0 / hits) : 0) - (misses > 0 ? away[at + j] * (1.0 / misses) : 0);
                    length += v[j] * v[j];
                }
                for (int j = 0; j < h.d; j++) {
                    EXPECT_CLOSE(h.point[at + j], phase == 2 ? landed[at + j] : point[at + j], 0x1p-23);
                    const double unit = length > 0 ? v[j] / std::sqrt(length) : 0;
                    const double aim = h.norm == 0 ? (v[j] > 0) - (v[j] < 0) : unit;
                    EXPECT_CLOSE(h.toward[at + j], phase == 3 ? aim : phase == 2 ? 0 : toward[at + j], 0x1p-23);
                }
                if (phase != 2) {
                    EXPECT_CLOSE(h.size[i], distance[i] / (phase == 1 ? h.d : std::sqrt(5.0)), 0x1p-22 * distance[i]);
                }
                EXPECT(h.bracket[2 * i + 1] == (phase == 1 ? 1.0f : bracket[2 * i + 1]));
                EXPECT(h.counts[3 * i + 1] == (phase == 2 ? 0 : hits));
            }
        });
    }
}

TEST(hop_propose_values) {
    for (int phase : {1, 3}) {
        each([&](Hop& h) {
            const std::vector<float> before = h.x.values();
            test::launch("hop_propose", {blocks(h.n, 4)}, {128}, 0, phase, h.norm, h.n, h.d, h.origin, h.point, h.toward,
                         h.bracket, h.size, h.done, h.x);
            for (int i = 0; i < h.n; i++) {
                for (int j = 0; j < h.d; j++) {
                    const size_t at = size_t(i) * h.d + j;
                    const double middle = (double(h.bracket[2 * i]) + h.bracket[2 * i + 1]) / 2;
                    const double moved = phase == 1 ? h.between(i, j, middle)
                                                    : h.point[at] + double(h.size[i]) * h.toward[at];
                    const double want = h.done[i] >= 0 ? before[at] : std::fmin(1.0, std::fmax(0.0, moved));
                    EXPECT_CLOSE(h.x[at], want, 0x1p-23);
                }
            }
        });
    }
}

TEST(hop_judge_counts_and_keeps) {
    for (int phase : {0, 1, 2, 3}) {
        each([&](Hop& h) {
            const int c = 3, queries = 4;
            const float epsilon = h.norm == 0 ? 0.9f : 0.4f * std::sqrt(static_cast<float>(h.d));
            test::Random random(static_cast<unsigned>(h.n + h.d));
            Array<float> z(exact_floats(random, size_t(h.n) * c));
            Array<int> labels(random.ints(h.n, c));
            const std::vector<float> point = h.point.values(), toward = h.toward.values(), away = h.away.values();
            const std::vector<float> bracket = h.bracket.values(), size = h.size.values();
            const std::vector<int> done = h.done.values(), counts = h.counts.values();
            test::launch("hop_judge", {blocks(h.n, 4)}, {128}, 0, phase, h.norm, h.n, h.d, c, z, h.origin, labels, epsilon,
                         queries, 0, h.x, h.point, h.toward, h.away, h.bracket, h.size, h.counts, h.done, h.best_x,
                         h.objective, h.beaten);
            for (int i = 0; i < h.n; i++) {
                const size_t at = size_t(i) * h.d;
                if (done[i] >= 0) {
                    EXPECT(h.counts[3 * i] == counts[3 * i] && h.beaten[i] == -1 && h.done[i] == 0);
                    continue;
                }
                int predicted = 0;
                for (int j = 1; j < c; j++) {
                    predicted = z[size_t(i) * c + j] > z[size_t(i) * c + predicted] ? j : predicted;
                }
                const bool missed = predicted != labels[i], moved = missed && phase % 3 == 0;
                const double distance = h.distance(h.x, i);
                const bool inside = missed && phase != 2 && distance <= epsilon;
                EXPECT(h.counts[3 * i] == counts[3 * i] + 1);
                EXPECT(h.counts[3 * i + 1] == counts[3 * i + 1] + (phase == 2 && missed));
                EXPECT(h.counts[3 * i + 2] == counts[3 * i + 2] + (phase == 2 && !missed));
                EXPECT(h.beaten[i] == (inside ? counts[3 * i] : -1));
                EXPECT(h.done[i] == (moved || inside || counts[3 * i] + 1 >= queries ? 0 : -1));
                EXPECT(missed && phase != 2 ? std::fabs(h.objective[i] + distance) <= 1e-6 * distance
                                            : std::isinf(h.objective[i]));
                const float middle = (bracket[2 * i] + bracket[2 * i + 1]) / 2;
                EXPECT(h.bracket[2 * i + 1] == (phase == 1 && missed ? middle : bracket[2 * i + 1]));
                EXPECT(h.bracket[2 * i] == (phase == 1 && !missed ? middle : bracket[2 * i]));
                EXPECT(h.size[i] == (phase == 3 && !missed ? size[i] / 2 : size[i]));
                for (int j = 0; j < h.d; j++) {
                    const float way = float(double(h.x[at + j]) - double(point[at + j]));
                    EXPECT(h.point[at + j] == (moved ? h.x[at + j] : point[at + j]));
                    EXPECT_CLOSE(h.toward[at + j], toward[at + j] + (phase == 2 && missed ? way : 0.0f), 0x1p-22);
                    EXPECT_CLOSE(h.away[at + j], away[at + j] + (phase == 2 && !missed ? way : 0.0f), 0x1p-22);
                    EXPECT(same(h.best_x[at + j], missed && phase != 2 ? h.x[at + j] : NAN));
                }
            }
        });
    }
}
