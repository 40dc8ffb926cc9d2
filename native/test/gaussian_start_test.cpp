#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

TEST(gaussian_start_values) {
    test::Random random(8);
    const unsigned long long seed = 0x123456789abcdef0ull;
    const unsigned stream = 0x02abcdefu;
    const float deviation = 0.001f;
    Array<int> cursor(std::vector<int>{11, 12, 0x00abcdef, 0});
    for (int norm : {0, 1, 2}) {
        for (int n : {1, 7, 33}) {
            for (int d : {1, 2, 3, 10, 33, 128, 785}) {
                for (float epsilon : {0.0005f, 20.0f}) {
                    Array<float> origin(box_floats(random, size_t(n) * d)), x(size_t(n) * d), replayed(size_t(n) * d);
                    Array<int> indices(random.ints(n, 60000));
                    test::launch("gaussian_start", {blocks(n, 4)}, {128}, 0, norm, n, d, origin, indices, deviation, epsilon,
                                 seed, stream, nullptr, 9u, x);
                    test::launch("gaussian_start", {blocks(n, 4)}, {128}, 0, norm, n, d, origin, indices, deviation, epsilon,
                                 seed, 0x02000001u, cursor, 9u, replayed);
                    EXPECT(same(x.values(), replayed.values()));
                    for (int i = 0; i < n; i++) {
                        const size_t at = size_t(i) * d;
                        EXPECT(inside(norm, d, &x[at], &origin[at], epsilon));
                        if (epsilon < 1) {
                            continue;  // projected: the Java conformance cases say where to
                        }
                        const auto words = philox_words(seed, d + 8, indices[i], 9, stream);
                        for (int j = 0; j < d; j++) {
                            const int pair = j / 2 * 2;
                            const double radius = std::sqrt(-2 * std::log(((words[pair] >> 8) + 1.0) * 0x1p-24));
                            const double angle = 6.283185307179586 * (words[pair + 1] >> 8) * 0x1p-24;
                            const double draw = radius * (j % 2 == 0 ? std::cos(angle) : std::sin(angle));
                            const double want = std::fmin(1.0, std::fmax(0.0, origin[at + j] + deviation * draw));
                            EXPECT_CLOSE(x[at + j], want, 0x1p-23);
                        }
                    }
                }
            }
        }
    }
}
