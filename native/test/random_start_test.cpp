#include "launch.h"
#include "reference.h"
#include "test.h"

namespace {

using namespace reference;
using test::Array;

constexpr unsigned long long kSeed = 0x123456789abcdef0ull;

double positive(uint32_t word) {
    return ((word >> 8) + 1.0) * 0x1p-24;
}

// The start of a row in double, from its words and the one after its last block.
std::vector<double> start(int norm, bool boxed, int d, const float* origin, float epsilon,
                          const std::vector<uint32_t>& words) {
    std::vector<double> x(d);
    double sum = 0;
    for (int j = 0; j < d; j++) {
        if (norm == 1) {
            const int pair = j / 2 * 2;
            const double radius = std::sqrt(-2 * std::log(positive(words[pair])));
            const double angle = 6.283185307179586 * (words[pair + 1] >> 8) * 0x1p-24;
            x[j] = j % 2 == 0 ? radius * std::cos(angle) : radius * std::sin(angle);
            sum += x[j] * x[j];
        } else {
            x[j] = -std::log(positive(words[j])) * (words[j] % 2 == 1 ? 1 : -1);
            sum += std::fabs(x[j]);
        }
    }
    const double extra = positive(words[(d + 3) / 4 * 4]);
    const double scale = norm == 1 ? epsilon * std::pow(extra, 1.0 / d) / std::sqrt(sum) : epsilon / (sum - std::log(extra));
    for (int j = 0; j < d; j++) {
        x[j] = origin[j] + scale * x[j];
    }
    if (boxed) {
        norm == 1 ? project_l2(d, origin, epsilon, x.data()) : project_l1(d, origin, epsilon, x.data());
    }
    return x;
}

void check_starts(int norm, bool boxed) {
    test::Random random(6);
    Array<int> cursor(std::vector<int>{11, 12, 0x00abcdef, 0});
    const int start_kind = boxed ? 1 : 2;
    for (int n : {1, 7, 33}) {
        for (int d : {1, 2, 3, 10, 17, 33, 127, 128, 785}) {
            const float epsilon = norm == 0 ? 0.3f : norm == 1 ? 2.0f : 12.0f;
            Array<float> origin(box_floats(random, size_t(n) * d)), x(size_t(n) * d), replayed(size_t(n) * d);
            Array<int> indices(random.ints(n, 60000));
            const unsigned stream = 0x02abcdefu;
            test::launch("random_start", {blocks(n, 4)}, {128}, 0, norm, start_kind, n, d, origin, indices, epsilon, kSeed,
                         stream, nullptr, 9u, x);
            test::launch("random_start", {blocks(n, 4)}, {128}, 0, norm, start_kind, n, d, origin, indices, epsilon, kSeed,
                         0x02000001u, cursor, 9u, replayed);
            EXPECT(same(x.values(), replayed.values()));
            for (int i = 0; i < n; i++) {
                const size_t at = size_t(i) * d;
                const auto words = philox_words(kSeed, d + 8, indices[i], 9, stream);
                EXPECT(!boxed || inside(norm, d, &x[at], &origin[at], epsilon));
                const std::vector<double> want =
                        norm == 0 ? std::vector<double>(d) : start(norm, boxed, d, &origin[at], epsilon, words);
                for (int j = 0; j < d; j++) {
                    const float from = origin[at + j];
                    if (norm == 0) {
                        const float uniform = 2.0f * cpu::uniform_of(words[j]) - 1.0f;
                        const float drawn = from + epsilon * uniform;
                        EXPECT(same(x[at + j], boxed ? cpu::clip_linf(drawn, from, epsilon) : drawn));
                    } else {
                        // The draw is rounded to float32 before it is scaled (up to epsilon), then the value.
                        EXPECT_CLOSE(x[at + j], want[j], (epsilon + 4) * 0x1p-23);
                    }
                }
            }
        }
    }
}

}  // namespace

TEST(random_words_bits) {
    test::Random random(4);
    // The known answer of Random123 for key and counter zero.
    Array<int> zero(std::vector<int>{0});
    Array<unsigned> known(4);
    test::launch("random_words", {1}, {128}, 0, 1, 4, zero, 0ull, 0u, 0u, known);
    EXPECT(known[0] == 0x6627e8d5u && known[1] == 0xe169c58du && known[2] == 0xbc57ac4cu && known[3] == 0x9b00dbd8u);
    for (int n : kRowCounts) {
        for (int d : kWidths) {
            Array<int> indices(random.ints(n, 60000));
            Array<unsigned> words(size_t(n) * d);
            test::launch("random_words", {blocks(n, 4)}, {128}, 0, n, d, indices, kSeed, 0x03000007u, 5u, words);
            for (int i = 0; i < n; i++) {
                const std::vector<uint32_t> want = philox_words(kSeed, d, indices[i], 5, 0x03000007u);
                EXPECT(std::equal(want.begin(), want.end(), &words[size_t(i) * d]));
            }
        }
    }
}

TEST(random_start_values) {
    for (const int norm : {0, 1, 2}) {
        check_starts(norm, true);
        check_starts(norm, false);
    }
}
