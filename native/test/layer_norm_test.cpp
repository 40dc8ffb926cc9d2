#include "statistics.h"

using namespace reference;
using test::Array;

TEST(layer_norm_values) {
    test::Random random(7);
    const float epsilon = 1e-5f;
    for (int rows : {1, 7, 33}) {
        for (int size : kWidths) {
            for (int activation : {0, 1, 3}) {
                Array<float> x(random.floats(size_t(rows) * size)), weight(random.floats(size)), bias(random.floats(size));
                Array<float> y(size_t(rows) * size);
                test::launch("layer_norm", {blocks(rows, 4)}, {128}, 0, static_cast<long long>(rows), size, x, weight, bias,
                             epsilon, activation, 0.0f, y);
                for (size_t i = 0; i < y.size(); i++) {
                    const Row row(size, &x[i / size * size], epsilon);
                    const size_t j = i % size;
                    const double z = (x[i] - row.mean) * row.inverse * weight[j] + bias[j];
                    // The normalised value's error, the multiply-add's, and tanh's.
                    const double tolerance = std::fabs(weight[j]) * row.error(x[i]) + 0x1p-24 * std::fabs(z);
                    EXPECT_CLOSE(y[i], activate(activation, 0.0, z), 1.01 * tolerance + (activation == 3 ? 0x1p-21 : 0));
                }
                // A row alone, and in place.
                Array<float> alone(std::vector<float>(&x[x.size() - size], &x[x.size() - size] + size));
                test::launch("layer_norm", {1}, {128}, 0, 1LL, size, alone, weight, bias, epsilon, activation, 0.0f, alone);
                for (size_t j = 0; j < size_t(size); j++) {
                    EXPECT(same(alone[j], y[y.size() - size + j]));
                }
            }
        }
    }
}
