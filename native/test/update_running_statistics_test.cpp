#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

TEST(update_running_statistics_bits) {
    test::Random random(5);
    for (int channels : kWidths) {
        for (long long rows : {1, 2, 1000}) {
            const float momentum = 0.1f;
            Array<float> mean(random.floats(channels)), variance(random.floats(channels));
            Array<float> running_mean(random.floats(channels)), running_variance(random.floats(channels));
            const std::vector<float> means = running_mean.values(), variances = running_variance.values();
            test::launch("update_running_statistics", {blocks(channels, 256)}, {256}, 0, rows, channels, momentum, mean,
                         variance, running_mean, running_variance);
            for (size_t c = 0; c < size_t(channels); c++) {
                const double share = momentum;
                EXPECT(same(running_mean[c], float((1 - share) * means[c] + share * mean[c])));
                const double unbiased = variance[c] * (double(rows) / double(rows - 1));
                EXPECT(same(running_variance[c],
                            rows == 1 ? variances[c] : float((1 - share) * variances[c] + share * unbiased)));
            }
        }
    }
}
