#include <algorithm>

#include "launch.h"
#include "reference.h"
#include "test.h"

namespace {

using namespace reference;
using test::Array;

std::vector<double> log_softmax(int c, const float* z) {
    const double largest = *std::max_element(z, z + c);
    double sum = 0;
    for (int j = 0; j < c; j++) {
        sum += std::exp(z[j] - largest);
    }
    std::vector<double> out(c);
    for (int j = 0; j < c; j++) {
        out[j] = z[j] - largest - std::log(sum);
    }
    return out;
}

void divergence_case(int n, int c, float scale, float difference) {
    test::Random random(static_cast<unsigned>(n * 1009 + c));
    const float factor = -0.5f, beta = 6;
    Array<float> z(random.floats(2 * size_t(n) * c, scale));
    const std::vector<float> noise = random.floats(size_t(n) * c, difference);
    const size_t half = size_t(n) * c;
    for (size_t k = 0; k < half; k++) {
        z[half + k] = z[k] + noise[k];
    }
    Array<float> clean(std::vector<float>(z.data(), z.data() + half));
    Array<float> perturbed(std::vector<float>(z.data() + half, z.data() + 2 * half));
    Array<int> labels(random.ints(n, c));
    Array<float> loss(n), gradient(half), whole(n), both(2 * half);
    test::launch("divergence", {blocks(n, 4)}, {128}, 0, n, c, perturbed, clean, factor, loss, gradient);
    test::launch("trades", {blocks(n, 4)}, {128}, 0, n, c, z, labels, beta, factor, whole, both);
    for (int i = 0; i < n; i++) {
        const std::vector<double> p = log_softmax(c, &z[size_t(i) * c]);
        const std::vector<double> q = log_softmax(c, &z[half + size_t(i) * c]);
        double value = 0;
        for (int j = 0; j < c; j++) {
            value += std::exp(p[j]) * (p[j] - q[j]);
        }
        // One rounding to float32, and sums in double.
        const double doubles = beta * c * 1e-12;
        EXPECT_CLOSE(loss[i], value, 0x1p-24 * value + doubles);
        const double sum = beta * value - p[labels[i]];
        EXPECT_CLOSE(whole[i], sum, 0x1p-24 * sum + doubles);
        for (int j = 0; j < c; j++) {
            const size_t at = size_t(i) * c + j;
            const double of_perturbed = factor * (std::exp(q[j]) - std::exp(p[j]));
            const double of_clean =
                    factor * (std::exp(p[j]) * (1 + beta * (p[j] - q[j] - value)) - (j == labels[i] ? 1 : 0));
            EXPECT_CLOSE(gradient[at], of_perturbed, 0x1p-24 * std::fabs(of_perturbed) + doubles);
            EXPECT_CLOSE(both[half + at], beta * of_perturbed, 0x1p-24 * beta * std::fabs(of_perturbed) + doubles);
            EXPECT_CLOSE(both[at], of_clean, 0x1p-24 * std::fabs(of_clean) + doubles);
        }
    }
    Array<float> alone(n), again(half);
    test::launch("divergence", {blocks(n, 4)}, {128}, 0, n, c, perturbed, clean, factor, alone, nullptr);
    test::launch("divergence", {blocks(n, 4)}, {128}, 0, n, c, perturbed, clean, factor, nullptr, again);
    EXPECT(same(alone.values(), loss.values()));
    EXPECT(same(again.values(), gradient.values()));
}

}  // namespace

TEST(divergence_values) {
    for (int n : kRowCounts) {
        for (int c : {1, 2, 10, 31, 32, 33, 100}) {
            divergence_case(n, c, 1.0f, 1e-4f);
            divergence_case(n, c, 30.0f, 10.0f);
        }
    }
}
