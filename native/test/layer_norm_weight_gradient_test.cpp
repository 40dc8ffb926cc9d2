#include "statistics.h"

using namespace reference;
using test::Array;

TEST(layer_norm_weight_gradient_bits) {
    test::Random random(9);
    const float epsilon = 1e-5f;
    for (const Groups& m : kMatrices) {
        const auto columns = static_cast<size_t>(m.columns);
        const size_t length = size_t(m.rows) * columns;
        Array<float> x(random.floats(length)), dy(random.floats(length)), dw(columns), db(columns);
        Array<float> statistics(2 * size_t(m.rows));
        Array<double> sums(m.sums());
        test::launch("layer_norm_statistics", {blocks(m.rows, 4)}, {128}, 0, m.rows, m.columns, x, epsilon, statistics);
        test::launch("layer_norm_weight_gradient_sums", m.grid(), {256}, 0, m.rows, m.columns, m.chunks_each(), x, dy,
                     statistics, sums);
        test::launch("layer_norm_weight_gradient", {unsigned(m.columns)}, {256}, 0, m.columns, m.count(), sums, dw, db);
        for (size_t r = 0; r < size_t(m.rows); r++) {
            const Row row(m.columns, &x[r * columns], epsilon);
            EXPECT_CLOSE(statistics[2 * r], row.mean, 0x1p-24 * std::fabs(row.mean) + 1e-12);  // one rounding
            EXPECT_CLOSE(statistics[2 * r + 1], row.inverse, 0x1p-24 * row.inverse * 1.0001);
        }
        for (size_t c = 0; c < columns; c++) {
            EXPECT(same(db[c], float(m.sum([&](size_t r) { return double(dy[r * columns + c]); }))));
            EXPECT(same(dw[c], float(m.sum([&](size_t r) {
                const size_t i = r * columns + c;
                return double(dy[i]) * double((x[i] - statistics[2 * r]) * statistics[2 * r + 1]);
            }))));
        }
    }
}
