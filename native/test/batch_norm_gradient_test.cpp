#include "statistics.h"

using namespace reference;
using test::Array;

TEST(batch_norm_gradient_bits) {
    test::Random random(5);
    const float epsilon = 1e-5f;
    for (const Groups& m : kMatrices) {
        const auto columns = static_cast<size_t>(m.columns);
        const size_t length = size_t(m.rows) * columns;
        Array<float> x(random.floats(length)), dy(random.floats(length)), mean(random.floats(columns)), dx(length);
        Array<float> variance(random.floats(columns)), weight(random.floats(columns)), dw(columns), db(columns);
        Array<float> factors(3 * columns);
        Array<double> sums(m.sums());
        for (size_t c = 0; c < columns; c++) {
            variance[c] = std::fabs(variance[c]);
        }
        test::launch("batch_norm_gradient_sums", m.grid(), {256}, 0, m.rows, m.columns, m.chunks_each(), x, dy, mean, sums);
        test::launch("batch_norm_gradient_factors", {unsigned(m.columns)}, {256}, 0, m.rows, m.columns, m.count(), sums,
                     variance, epsilon, weight, dw, db, factors);
        test::launch("batch_norm_gradient", matrix_grid(m.rows, m.columns), {256}, 0, m.rows, m.columns, x, dy, mean, factors,
                     dx);
        for (size_t c = 0; c < columns; c++) {
            const double rows = double(m.rows);
            const double sum = m.sum([&](size_t row) { return double(dy[row * columns + c]); });
            const double products = m.sum([&](size_t row) {
                return dy[row * columns + c] * (double(x[row * columns + c]) - double(mean[c]));
            });
            const double inverse = 1 / std::sqrt(double(variance[c]) + epsilon);
            const double scale = weight[c] * inverse;
            EXPECT(same(db[c], float(sum)));
            EXPECT(same(dw[c], float(products * inverse)));
            const float of_deviation = float(-scale * (products * (inverse * inverse) / rows));
            const float constant = float(-scale * (sum / rows));
            for (size_t i = c; i < length; i += columns) {
                EXPECT(same(dx[i], std::fmaf(dy[i], float(scale), std::fmaf(x[i] - mean[c], of_deviation, constant))));
            }
        }
    }
}
