#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

TEST(mean_squared_error_bits) {
    test::Random random(2);
    for (int n : kRowCounts) {
        for (int c : {1, 2, 10, 31, 32, 33, 100}) {
            Array<float> z(random.floats(size_t(n) * c, 2)), loss(n), gradient(size_t(n) * c), alone(n);
            Array<int> labels(random.ints(n, c));
            const std::vector<float> logits = z.values();
            const float factor = 1.0f / n;
            test::launch("mean_squared_error", {blocks(n, 4)}, {128}, 0, n, c, z, labels, factor, alone, nullptr);
            test::launch("mean_squared_error", {blocks(n, 4)}, {128}, 0, n, c, z, labels, factor, nullptr, gradient);
            test::launch("mean_squared_error", {blocks(n, 4)}, {128}, 0, n, c, z, labels, factor, loss, z);
            EXPECT(same(alone.values(), loss.values()) && same(z.values(), gradient.values()));
            for (int i = 0; i < n; i++) {
                float sum = 0;
                double exact = 0;
                for (int j = 0; j < c; j++) {
                    const float error = logits[size_t(i) * c + j] - (j == labels[i] ? 1.0f : 0.0f);
                    sum += error * error;
                    exact += double(error) * error / c;
                    EXPECT_CLOSE(gradient[size_t(i) * c + j], 2.0 * factor * error / c,
                                 4 * 0x1p-24 * std::fabs(2.0 * factor * error / c));
                }
                EXPECT(same(loss[i], sum * (1.0f / static_cast<float>(c))));
                EXPECT_CLOSE(loss[i], exact, (c + 3) * 0x1p-24 * exact);
            }
        }
    }
}
