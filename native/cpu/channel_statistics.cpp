// Mean and biased variance of each channel, in one pass: of the deviations from the first row, which is one of the values, so
// that (mean - first)^2 is at most rows times the variance, and in double little is lost when it is taken off.
#include "columns.h"

namespace sp::SP_LEVEL_NAMESPACE {

void channel_statistics_sums(const ChannelStatistics& a, int64_t begin, int64_t end) {
    column_sums(a.shape, begin, end, a.sums, [](int64_t, int64_t) {},
                [&a](int64_t row, int64_t column) {
                    return [x = a.x + row * a.shape.columns + column, first = a.x + column](int64_t c, double& sum,
                                                                                            double& squares) {
                        const double deviation = static_cast<double>(x[c]) - static_cast<double>(first[c]);
                        sum += deviation;
                        squares += deviation * deviation;
                    };
                });
}

void channel_statistics(const ChannelStatistics& a, int64_t begin, int64_t end) {
    const double rows = static_cast<double>(a.shape.rows);
    add_groups(a.shape, begin * kBlock, std::min(a.shape.columns, end * kBlock), a.sums,
               [&a, rows](int64_t c, double sum, double squares) {
                   const double deviation = sum / rows;
                   const double variance = squares / rows - deviation * deviation;
                   a.mean[c] = static_cast<float>(static_cast<double>(a.x[c]) + deviation);
                   a.variance[c] = static_cast<float>(variance > 0.0 ? variance : 0.0);
               });
}

}  // namespace sp::SP_LEVEL_NAMESPACE
