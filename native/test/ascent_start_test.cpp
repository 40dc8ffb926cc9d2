#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

namespace {

constexpr unsigned long long kSeed = 0x123456789abcdef0ull;

}  // namespace

TEST(ascent_starts_lie_on_the_surface) {
    for (int n : kRowCounts) {
        for (int d : kWidths) {
            test::Random random(static_cast<unsigned>(n * 1009 + d));
            const float epsilon = 0.2f;
            Array<float> origin(box_floats(random, size_t(n) * d)), x(size_t(n) * d), gaussian(size_t(n) * d);
            Array<int> indices(random.ints(n, 60000));
            test::launch("ascent_start_linf", {blocks(n, 4)}, {128}, 0, n, d, origin, indices, epsilon, kSeed,
                         0x02000007u, 5u, x);
            test::launch("ascent_gaussian", {blocks(n, 4)}, {128}, 0, n, d, indices, kSeed, 0x02000007u, 5u, gaussian);
            Array<float> placed(gaussian.values());
            test::launch("ascent_start_l2", {blocks(n, 4)}, {128}, 0, n, d, origin, epsilon, placed);
            for (int i = 0; i < n; i++) {
                const std::vector<uint32_t> words = philox_words(kSeed, d + 1, indices[i], 5, 0x02000007u);
                const size_t at = size_t(i) * d;
                float largest = 0;
                double squares = 0;
                for (int j = 0; j < d; j++) {
                    largest = std::fmax(largest, std::fabs(2.0f * static_cast<float>(words[j] >> 8) * 0x1p-24f - 1.0f));
                    squares += double(gaussian[at + j]) * gaussian[at + j];
                }
                for (int j = 0; j < d; j++) {
                    const float v = 2.0f * static_cast<float>(words[j] >> 8) * 0x1p-24f - 1.0f;
                    const float moved = largest > 0 ? origin[at + j] + epsilon * (v / largest) : origin[at + j];
                    EXPECT(same(x[at + j], cpu::clip_linf(moved, origin[at + j], epsilon)));
                    const int pair = j / 2 * 2;
                    const double radius = std::sqrt(-2 * std::log(((words[pair] >> 8) + 1.0) * 0x1p-24));
                    const double angle = 6.283185307179586 * (words[pair + 1] >> 8) * 0x1p-24;
                    EXPECT_CLOSE(gaussian[at + j], j % 2 == 0 ? radius * std::cos(angle) : radius * std::sin(angle), 1e-6);
                    EXPECT_CLOSE(placed[at + j], origin[at + j] + epsilon * gaussian[at + j] / std::sqrt(squares), 1e-6);
                }
            }
        }
    }
}
