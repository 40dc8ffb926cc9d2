#include "statistics.h"

using namespace reference;
using test::Array;

TEST(channel_statistics_bits) {
    test::Random random(5);
    for (const Groups& m : kMatrices) {
        const auto columns = static_cast<size_t>(m.columns);
        Array<float> x(random.floats(size_t(m.rows) * columns)), mean(columns), variance(columns);
        Array<double> sums(m.sums());
        test::launch("channel_statistics_sums", m.grid(), {256}, 0, m.rows, m.columns, m.chunks_each(), x, sums);
        test::launch("channel_statistics", {unsigned(m.columns)}, {256}, 0, m.rows, m.columns, m.count(), sums, x, mean,
                     variance);
        for (size_t c = 0; c < columns; c++) {
            const auto deviation = [&](size_t row) { return double(x[row * columns + c]) - double(x[c]); };
            const double off = m.sum(deviation) / double(m.rows);
            const double spread = m.sum([&](size_t row) { return deviation(row) * deviation(row); }) / double(m.rows) - off * off;
            EXPECT(same(mean[c], float(double(x[c]) + off)));
            EXPECT(same(variance[c], float(std::max(spread, 0.0))));
        }
    }
}

// A channel of one value has no variance, however large the value.
TEST(channel_statistics_of_a_constant) {
    Array<float> x(std::vector<float>(100, 1e6f + 0.3f)), mean(1), variance(1);
    Array<double> sums(8);
    test::launch("channel_statistics_sums", {4, 1}, {256}, 0, 100LL, 1, 1, x, sums);
    test::launch("channel_statistics", {1}, {256}, 0, 100LL, 1, 4, sums, x, mean, variance);
    EXPECT(mean[0] == x[0] && variance[0] == 0.0f);
}
