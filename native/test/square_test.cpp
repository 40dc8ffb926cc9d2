#include <algorithm>

#include "launch.h"
#include "reference.h"
#include "test.h"

namespace {

using namespace reference;
using test::Array;

constexpr unsigned long long kSeed = 0x123456789abcdef0ull;

struct Sizes {
    int channels, height, width, rows, columns;

    int values() const { return channels * height * width; }
};

constexpr Sizes kSizes[] = {{1, 1, 1, 1, 1}, {1, 1, 17, 1, 9}, {3, 5, 7, 5, 1}, {3, 5, 7, 3, 3}, {1, 28, 28, 25, 25}, {4, 6, 4, 2, 4}};

float sign_of(uint32_t word) {
    return word >> 31 != 0 ? 1.0f : -1.0f;
}

int place_of(uint32_t word, int places) {
    return static_cast<int>(static_cast<uint64_t>(word) * places >> 32);
}

// Two bumps of length 1 in a window.
std::vector<float> bumps(test::Random& random, const Sizes& s) {
    std::vector<float> values = random.floats(size_t(2) * s.rows * s.columns);
    const size_t half = values.size() / 2;
    for (size_t at : {size_t(0), half}) {
        double squares = 0;
        for (size_t e = 0; e < half; e++) {
            squares += double(values[at + e]) * values[at + e];
        }
        for (size_t e = 0; e < half; e++) {
            values[at + e] = float(values[at + e] / std::sqrt(squares));
        }
    }
    return values;
}

// What is left of a row of doubles after the projection, within a rounding of x before it and after it.
void expect_projected(const Sizes& s, const float* x, const float* origin, float epsilon, std::vector<double> want) {
    EXPECT(inside(1, s.values(), x, origin, epsilon));
    project_l2(s.values(), origin, epsilon, want.data());
    for (int j = 0; j < s.values(); j++) {
        EXPECT_CLOSE(x[j], want[j], (epsilon + 4) * std::sqrt(double(s.values())) * 0x1p-23);
    }
}

}  // namespace

TEST(square_start_values) {
    test::Random random(11);
    for (int norm : {0, 1}) {
        for (const Sizes& s : kSizes) {
            for (int n : {1, 7, 33}) {
                const int d = s.values();
                const float epsilon = norm == 0 ? 0.3f : 2.0f, amplitude = norm == 0 ? epsilon : 0.4f;
                Array<float> origin(box_floats(random, size_t(n) * d)), x(size_t(n) * d), bump(bumps(random, s));
                Array<int> indices(random.ints(n, 60000));
                const float* no_bump = nullptr;
                const auto run = [&](auto& shapes) {
                    test::launch("square_start", {blocks(n, 4)}, {128}, 0, norm, n, s.channels, s.height, s.width, s.rows,
                                 s.columns, shapes, amplitude, origin, indices, epsilon, kSeed, 0x02000001u, 9u, x);
                };
                norm == 0 ? run(no_bump) : run(bump);
                const int across = s.width / s.columns, down = s.height / s.rows;
                for (int i = 0; i < n; i++) {
                    const float* from = &origin[size_t(i) * d];
                    const auto words = philox_words(kSeed, across * down * (s.channels + 1), indices[i], 9, 0x02000001u);
                    std::vector<double> want(from, from + d);
                    for (int j = 0; j < d; j++) {
                        const int r = j / s.width % s.height - s.height % s.rows / 2;
                        const int q = j % s.width - s.width % s.columns / 2;
                        if (r >= 0 && q >= 0 && r < down * s.rows && q < across * s.columns) {
                            const int tile = (r / s.rows * across + q / s.columns) * (s.channels + 1);
                            const int turned = words[tile] >> 31;
                            const float shape = norm == 0
                                    ? 1.0f
                                    : bump[(turned * s.rows + r % s.rows) * s.columns + q % s.columns];
                            want[j] += sign_of(words[tile + 1 + j / (s.height * s.width)]) * amplitude * shape;
                        }
                        if (norm == 0) {
                            EXPECT(same(x[size_t(i) * d + j], cpu::clip_linf(float(want[j]), from[j], epsilon)));
                        }
                    }
                    if (norm == 1) {
                        expect_projected(s, &x[size_t(i) * d], from, epsilon, want);
                    }
                }
            }
        }
    }
}

TEST(square_proposal_values) {
    test::Random random(12);
    for (int norm : {0, 1}) {
        for (const Sizes& s : kSizes) {
            for (int n : {1, 7, 33}) {
                const int d = s.values(), area = s.height * s.width;
                const float epsilon = norm == 0 ? 0.3f : 2.0f;
                Array<float> origin(box_floats(random, size_t(n) * d)), point(size_t(n) * d), x(size_t(n) * d);
                Array<float> bump(bumps(random, s));
                Array<int> indices(random.ints(n, 60000)), beaten(std::vector<int>(n, -1));
                for (int j = 0; j < n * d; j++) {
                    const float moved = origin[j] + (random.below(2) == 0 ? 0.01f : -0.01f);
                    point[j] = std::min(1.0f, std::max(0.0f, moved));
                    x[j] = 0.25f;
                }
                for (int i = 3; i < n; i += 4) {
                    beaten[i] = 2;
                }
                const float* no_bump = nullptr;
                const auto run = [&](auto& shapes) {
                    test::launch("square_proposal", {blocks(n, 4)}, {128}, 0, norm, n, s.channels, s.height, s.width, s.rows,
                                 s.columns, shapes, origin, point, indices, epsilon, kSeed, 0x03000001u, 77u, beaten, x);
                };
                norm == 0 ? run(no_bump) : run(bump);
                for (int i = 0; i < n; i++) {
                    const float *from = &origin[size_t(i) * d], *at = &point[size_t(i) * d], *got = &x[size_t(i) * d];
                    if (beaten[i] >= 0) {
                        EXPECT(std::all_of(got, got + d, [](float v) { return v == 0.25f; }));
                        continue;
                    }
                    const auto words = philox_words(kSeed, 5 + s.channels, indices[i], 77, 0x03000001u);
                    int places[4];
                    for (int k = 0; k < 4; k++) {
                        places[k] = place_of(words[k], 1 + (k % 2 == 0 ? s.height - s.rows : s.width - s.columns));
                    }
                    const auto holds = [&](int window, int j) {
                        const int r = j % area / s.width - places[2 * window], q = j % s.width - places[2 * window + 1];
                        return r >= 0 && r < s.rows && q >= 0 && q < s.columns;
                    };
                    std::vector<double> want(at, at + d);
                    double total = 0;
                    for (int j = 0; j < d; j++) {
                        total += (want[j] - from[j]) * (want[j] - from[j]);
                    }
                    for (int channel = 0; channel < s.channels; channel++) {
                        const float sign = sign_of(words[5 + channel]);
                        double kept = 0, both = 0, length = 0;
                        for (int j = channel * area; j < (channel + 1) * area; j++) {
                            const double square = (want[j] - from[j]) * (want[j] - from[j]);
                            kept += holds(0, j) ? square : 0;
                            both += holds(0, j) || holds(1, j) ? square : 0;
                        }
                        std::vector<double> change(area);
                        for (int j = 0; j < area; j++) {
                            if (holds(0, j)) {
                                const int e = (j / s.width - places[0]) * s.columns + j % s.width - places[1];
                                const int turned = words[4] >> 31;
                                const double old = want[channel * area + j] - from[channel * area + j];
                                change[j] = sign * bump[turned * s.rows * s.columns + e] + (kept > 0 ? old / std::sqrt(kept) : 0);
                                length += change[j] * change[j];
                            }
                        }
                        const double unused = std::max(double(epsilon) * epsilon - total, 0.0) / s.channels;
                        for (int j = 0; j < area; j++) {
                            const int here = channel * area + j;
                            if (norm == 0) {
                                const float moved = holds(0, here) ? at[here] + sign * (2 * epsilon) : at[here];
                                EXPECT(same(got[here], holds(0, here) ? cpu::clip_linf(moved, from[here], epsilon) : at[here]));
                            } else if (holds(0, here)) {
                                want[here] = from[here] + (length > 0 ? std::sqrt((both + unused) / length) * change[j] : 0);
                            } else if (holds(1, here)) {
                                want[here] = from[here];
                            }
                        }
                    }
                    if (norm == 1) {
                        expect_projected(s, got, from, epsilon, want);
                    }
                }
            }
        }
    }
}
