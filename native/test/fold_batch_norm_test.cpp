#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

TEST(fold_batch_norm_bits) {
    test::Random random(5);
    for (int channels : kWidths) {
        const float epsilon = 1e-5f;
        Array<float> mean(random.floats(channels)), variance(random.floats(channels)), weight(random.floats(channels));
        Array<float> bias(random.floats(channels)), scale(channels), shift(channels);
        for (size_t c = 0; c < size_t(channels); c++) {
            variance[c] = std::fabs(variance[c]);
        }
        test::launch("fold_batch_norm", {blocks(channels, 256)}, {256}, 0, channels, mean, variance, epsilon, weight, bias,
                     scale, shift);
        for (size_t c = 0; c < size_t(channels); c++) {
            const float factor = float(weight[c] / std::sqrt(double(variance[c]) + epsilon));
            EXPECT(same(scale[c], factor));
            EXPECT(same(shift[c], float(bias[c] - double(mean[c]) * factor)));
        }
    }
}
