#include <algorithm>
#include <numeric>

#include "launch.h"
#include "reference.h"
#include "test.h"

namespace {

using namespace reference;
using test::Array;

// Classes by logits, largest first, ties by class; a NaN counts as -infinity.
std::vector<int> ranked(int c, const float* z) {
    const auto value = [z](int j) { return std::isnan(z[j]) ? -INFINITY : z[j]; };
    std::vector<int> order(c);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return value(a) > value(b); });
    return order;
}

}  // namespace

TEST(target_loss_is_the_ratio_or_the_margin) {
    for (int n : kRowCounts) {
        for (int c : {4, 5, 10, 31, 32, 33, 100}) {
            for (int variant = 0; variant < 3; variant++) {
                const int kind = variant / 2;  // the ratio, untargeted and targeted; the margin
                test::Random random(static_cast<unsigned>(n * 1009 + c * 3 + variant));
                const std::vector<float> values = random.floats(size_t(n) * c);
                Array<float> z(values), loss(n), gradient(size_t(n) * c);
                Array<int> labels(random.ints(n, c)), targets(n);
                for (int i = 0; i < n; i++) {
                    targets[i] = (labels[i] + 1 + i % (c - 1)) % c;
                }
                test::launch("target_loss", {blocks(n, 4)}, {128}, 0, kind, n, c, z, labels,
                             variant == 0 ? nullptr : targets.data(), -0.5f, loss, gradient);
                test::launch("target_loss", {blocks(n, 4)}, {128}, 0, kind, n, c, z, labels,
                             variant == 0 ? nullptr : targets.data(), -0.5f, nullptr, z);
                EXPECT(same(z.values(), gradient.values()));
                for (int i = 0; i < n; i++) {
                    const float* row = &values[size_t(i) * c];
                    const std::vector<int> order = ranked(c, row);
                    const int other = order[0] == labels[i] ? order[1] : order[0];
                    const int target = variant == 0 ? other : targets[i];
                    const double gap = double(row[target]) - row[labels[i]];
                    const int third = order[2], fourth = variant == 0 ? order[2] : order[3];
                    const double spread =
                            kind == 1 ? 1 : double(row[order[0]]) - 0.5 * (double(row[third]) + row[fourth]) + 1e-12;
                    EXPECT_CLOSE(loss[i], gap / spread, 1e-6 * (1 + std::fabs(gap / spread)));
                    for (int j = 0; j < c; j++) {
                        double want = ((j == target) - (j == labels[i])) / spread;
                        if (kind == 0) {
                            want -= gap / (spread * spread) * ((j == order[0]) - 0.5 * (j == third) - 0.5 * (j == fourth));
                        }
                        EXPECT_CLOSE(gradient[size_t(i) * c + j], -0.5 * want, 1e-6 * (1 + std::fabs(want)));
                    }
                }
            }
        }
    }
}

TEST(ranked_class_is_the_order_of_logits) {
    for (int n : kRowCounts) {
        for (int c : {2, 10, 31, 32, 33, 100}) {
            test::Random random(static_cast<unsigned>(n * 1009 + c));
            std::vector<float> values = exact_floats(random, size_t(n) * c);  // many ties
            for (size_t i = 0; i < values.size(); i += 13) {
                values[i] = i % 2 == 0 ? NAN : -INFINITY;
            }
            Array<float> z(values);
            Array<int> labels(random.ints(n, c)), out(n);
            for (int rank : {1, (c + 1) / 2, c - 1}) {
                test::launch("ranked_class", {blocks(n, 4)}, {128}, 0, n, c, z, labels, rank, out);
                for (int i = 0; i < n; i++) {
                    std::vector<int> order = ranked(c, &values[size_t(i) * c]);
                    order.erase(std::find(order.begin(), order.end(), labels[i]));
                    EXPECT(out[i] == order[size_t(rank) - 1]);
                }
            }
        }
    }
}
