#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

TEST(dropout_bits) {
    test::Random random(9);
    constexpr unsigned long long seed = 0x123456789abcdef0ull;
    Array<int> cursor(std::vector<int>{11, 12, 0x00abcdef, 0});
    for (int n : kRowCounts) {
        for (int d : kWidths) {
            for (float probability : {0.0f, 0.3f, 0.9f}) {
                Array<float> x(random.floats(size_t(n) * d)), y(size_t(n) * d), replayed(size_t(n) * d);
                Array<int> indices(random.ints(n, 60000));
                const unsigned grid = blocks(static_cast<long long>(n) * ((d + 3) / 4), 256);
                test::launch("dropout", {grid}, {256}, 0, n, d, x, indices, seed, 0x04abcdefu, nullptr, 3u, probability, y);
                test::launch("dropout", {grid}, {256}, 0, n, d, x, indices, seed, 0x04000001u, cursor, 3u, probability,
                             replayed);
                EXPECT(same(y.values(), replayed.values()));
                for (int i = 0; i < n; i++) {
                    const std::vector<uint32_t> words = philox_words(seed, d, indices[i], 3, 0x04abcdefu);
                    for (int j = 0; j < d; j++) {
                        const size_t at = size_t(i) * d + j;
                        const bool dropped = float(words[j] >> 8) * 0x1p-24f < probability;
                        EXPECT(same(y[at], dropped ? 0.0f : x[at] * (1.0f / (1.0f - probability))));
                    }
                }
            }
        }
    }
}
