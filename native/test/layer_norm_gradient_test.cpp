#include "statistics.h"

using namespace reference;
using test::Array;

TEST(layer_norm_gradient_values) {
    test::Random random(8);
    const float epsilon = 1e-5f;
    for (int rows : {1, 7, 33}) {
        for (int size : kWidths) {
            for (int activation : {0, 1, 3}) {
                const size_t length = size_t(rows) * size;
                Array<float> x(random.floats(length)), dy(random.floats(length)), weight(random.floats(size)), dx(length);
                if (activation == 0) {
                    test::launch("layer_norm_gradient", {blocks(rows, 4)}, {128}, 0, static_cast<long long>(rows), size, x, dy,
                                 weight, epsilon, activation, 0.0f, nullptr, dx);
                } else {
                    test::launch("layer_norm_gradient", {blocks(rows, 4)}, {128}, 0, static_cast<long long>(rows), size, x, dy,
                                 weight, epsilon, activation, 0.0f, x, dx);
                }
                for (size_t first = 0; first < length; first += size) {
                    const Row row(size, &x[first], epsilon);
                    double mean = 0, product = 0;
                    for (size_t i = first; i < first + size; i++) {
                        mean += double(dy[i]) * weight[i - first] / size;
                        product += double(dy[i]) * weight[i - first] * (x[i] - row.mean) * row.inverse / size;
                    }
                    for (size_t i = first; i < first + size; i++) {
                        const double g = double(dy[i]) * weight[i - first];
                        const double normalized = (x[i] - row.mean) * row.inverse;
                        const double slope = derivative(activation, 0, x[i]);
                        const double terms = std::fabs(g) + std::fabs(mean) + std::fabs(normalized * product);
                        // The normalised value's error, and five roundings; the derivative's own three.
                        const double tolerance = row.inverse * (row.error(x[i]) * std::fabs(product) + 8 * 0x1p-24 * terms);
                        EXPECT_CLOSE(dx[i], slope * row.inverse * (g - mean - normalized * product), 1.01 * tolerance + 1e-12);
                    }
                }
            }
        }
    }
}
