#include <algorithm>
#include <numeric>

#include "launch.h"
#include "reference.h"
#include "test.h"

namespace {

using namespace reference;
using test::Array;

// The free coordinates, largest |gradient| first, ties by index.
std::vector<int> ranked(int d, const float* g, const float* x) {
    std::vector<int> free;
    for (int j = 0; j < d; j++) {
        if ((g[j] > 0 && x[j] < 1) || (g[j] < 0 && x[j] > 0)) {
            free.push_back(j);
        }
    }
    std::stable_sort(free.begin(), free.end(), [g](int a, int b) { return std::fabs(g[a]) > std::fabs(g[b]); });
    return free;
}

void l1_case(unsigned variant, int n, int d, int top, float epsilon, bool tied) {
    test::Random random(variant);
    const size_t length = size_t(n) * d;
    const float step_size = 0.5f;
    Array<float> gradient(tied ? exact_floats(random, length) : random.floats(length, variant % 2 ? 1.0f : 1e-39f));
    Array<float> origin(box_floats(random, length)), x(box_floats(random, length));
    for (int i = 2; i < n; i += 5) {
        std::fill_n(&gradient[size_t(i) * d], d, 0.0f);
        gradient[size_t(i) * d] = i % 2 ? NAN : 0.0f;
    }
    const std::vector<float> start = x.values();
    Array<int> beaten(std::vector<int>(n, -1)), zeros(std::vector<int>(n, 0));
    beaten[n - 1] = 0;
    test::launch("l1_step", {blocks(n, 4)}, {128}, 0, n, d, gradient, origin, step_size, epsilon, top, beaten, zeros, x);
    for (int i = 0; i + 1 < n; i++) {
        const size_t at = size_t(i) * d;
        std::vector<float> stepped(&start[at], &start[at] + d);
        const std::vector<int> order = ranked(d, &gradient[at], stepped.data());
        const size_t count = std::min<size_t>(order.size(), size_t(top));
        for (size_t k = 0; k < count; k++) {
            stepped[order[k]] += step_size / static_cast<float>(count) * cpu::sign_of(gradient[at + order[k]]);
        }
        std::vector<double> want(stepped.begin(), stepped.end());
        project_l1(d, &origin[at], epsilon, want.data());
        for (int j = 0; j < d; j++) {
            // A rounding to float32, a threshold within 1e-9 of epsilon, and a shrink by an ulp or two of epsilon.
            EXPECT_CLOSE(x[at + j], want[j], 2e-7 + 1e-9 * epsilon + 4 * 0x1p-23 * std::fmin(epsilon, 1.0f));
        }
        EXPECT(zeros[i] == std::all_of(&gradient[at], &gradient[at] + d, [](float g) { return g == 0; }));
        EXPECT(inside(2, d, &x[at], &origin[at], epsilon));
    }
    EXPECT(same(std::vector<float>(&x[length - d], &x[length - d] + d), {&start[length - d], &start[length - d] + d}));
}

}  // namespace

TEST(l1_step_values) {
    unsigned variant = 0;
    for (int n : {1, 7, 33}) {
        for (int d : kWidths) {
            for (int top : {1, 5, 2000}) {
                for (float epsilon : {0.0f, 0.7f, 12.0f}) {
                    variant++;
                    l1_case(variant, n, d, top, epsilon, variant % 3 == 0);
                }
            }
        }
    }
}

// A ball that the step cannot leave: the step alone, so the choice and its bits show.
TEST(l1_step_choice_bits) {
    test::Random random(8);
    for (int top : {1, 2, 31, 32, 33, 100}) {
        const int n = 5, d = 301;
        Array<float> gradient(exact_floats(random, size_t(n) * d)), origin(std::vector<float>(size_t(n) * d, 0.5f));
        Array<float> x(origin.values());
        test::launch("l1_step", {blocks(n, 4)}, {128}, 0, n, d, gradient, origin, 0.4f, 1000.0f, top, nullptr, nullptr, x);
        for (int i = 0; i < n; i++) {
            const size_t at = size_t(i) * d;
            std::vector<float> want(d, 0.5f);
            const std::vector<int> order = ranked(d, &gradient[at], want.data());
            for (int k = 0; k < top; k++) {
                want[order[k]] += 0.4f / static_cast<float>(top) * cpu::sign_of(gradient[at + order[k]]);
            }
            EXPECT(same(std::vector<float>(&x[at], &x[at] + d), want));
        }
    }
}
