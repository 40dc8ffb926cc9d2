#include "launch.h"
#include "reference.h"
#include "test.h"

namespace {

using namespace reference;
using test::Array;

// In double; gradient null where not wanted.
double cross_entropy(int c, const float* z, int label, double factor, bool rescaled, double* gradient) {
    double other = -INFINITY;
    for (int j = 0; j < c; j++) {
        other = j != label ? std::fmax(other, double(z[j])) : other;
    }
    const double largest = std::fmax(other, double(z[label]));
    double others = 0, total = 0;
    for (int j = 0; j < c; j++) {
        others += j != label ? std::exp(z[j] - largest) : 0;
    }
    const double sum = others + std::exp(z[label] - largest);
    for (int j = 0; j < c; j++) {
        if (j != label) {
            gradient[j] = factor * (rescaled ? std::exp(z[j] - other) : std::exp(z[j] - largest) / sum);
            total += gradient[j];
        }
    }
    gradient[label] = -total;
    return largest == z[label] ? std::log1p(others) : std::log(sum) + (largest - z[label]);
}

void cross_entropy_case(int n, int c, float scale, float factor, int rescaled, bool in_place) {
    test::Random random(static_cast<unsigned>(n * 1009 + c));
    Array<float> z(random.floats(size_t(n) * c, scale));
    Array<int> labels(random.ints(n, c));
    if (c > 1) {
        z[0] = z[1] = scale;  // a tie
    }
    const std::vector<float> logits = z.values();
    Array<float> loss(n), gradient(size_t(n) * c);
    float* gradients = in_place ? z.data() : gradient.data();
    test::launch("softmax_cross_entropy", {blocks(n, 4)}, {128}, 0, n, c, z, labels, factor, rescaled, loss, gradients);
    std::vector<double> want(c);
    for (int i = 0; i < n; i++) {
        const double exact = cross_entropy(c, &logits[size_t(i) * c], labels[i], factor, rescaled != 0, want.data());
        // The exponential's 3 ulp (its argument's rounding included: an ulp of a gap of up to 2 * scale) and c sums.
        const double relative = (c + 6 + 4 * scale) * 0x1p-23;
        EXPECT_CLOSE(loss[i], exact, relative * (std::fabs(exact) + 1e-30) + scale * 0x1p-22);
        EXPECT(loss[i] >= 0);
        double absolute = 0;
        for (int j = 0; j < c; j++) {
            absolute += std::fabs(want[j]);
        }
        for (int j = 0; j < c; j++) {
            const double size = j == labels[i] ? absolute : std::fabs(want[j]);
            EXPECT_CLOSE(gradients[size_t(i) * c + j], want[j], relative * size + 1e-37);
        }
    }
    Array<float> alone(n);
    Array<float> again(logits);
    test::launch("softmax_cross_entropy", {blocks(n, 4)}, {128}, 0, n, c, again, labels, factor, rescaled, alone, nullptr);
    EXPECT(same(alone.values(), loss.values()));
    test::launch("softmax_cross_entropy", {blocks(n, 4)}, {128}, 0, n, c, again, labels, factor, rescaled, nullptr, gradient);
    EXPECT(same(gradient.values(), std::vector<float>(gradients, gradients + size_t(n) * c)));
}

}  // namespace

TEST(softmax_cross_entropy_values) {
    for (int n : kRowCounts) {
        for (int c : {1, 2, 10, 31, 32, 33, 100}) {
            for (float scale : {1.0f, 30.0f}) {
                cross_entropy_case(n, c, scale, 1.0f / n, 0, n % 2 == 0);
                cross_entropy_case(n, c, scale, -1.0f, 1, n % 2 == 1);
            }
        }
    }
}

// A gap at which the plain gradient underflows: the rescaled one keeps its direction, and the loss stays finite.
TEST(softmax_cross_entropy_confident) {
    Array<float> z(std::vector<float>{300, 0, -1, 0, 500, 2}), loss(2), gradient(6);
    Array<int> labels(std::vector<int>{0, 0});
    test::launch("softmax_cross_entropy", {1}, {128}, 0, 2, 3, z, labels, 1.0f, 1, loss, gradient);
    EXPECT(loss[0] >= 0 && loss[1] == 500);
    EXPECT(gradient[1] == 1 && gradient[2] > 0.36f && gradient[2] < 0.37f && gradient[0] == -(1 + gradient[2]));
    EXPECT(gradient[4] == 1 && gradient[3] == -1);
}
