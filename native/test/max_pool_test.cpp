#include <limits>

#include "pooling.h"

namespace {

using namespace reference;
using test::Array;

// Few different values, so that ties are common, some of them not numbers or not finite.
std::vector<float> values(test::Random& random, size_t count, bool finite) {
    std::vector<float> all(count);
    for (float& v : all) {
        const int kind = random.below(20);
        v = float(kind % 5) - 2.0f;
        if (!finite && kind == 19) v = std::numeric_limits<float>::quiet_NaN();
        if (!finite && kind == 18) v = -std::numeric_limits<float>::infinity();
        if (!finite && kind == 17) v = std::numeric_limits<float>::infinity();
    }
    return all;
}

}  // namespace

TEST(max_pool_bits) {
    test::Random random(11);
    int variant = 0;
    for (const Pooling& p : poolings()) {
        for (int n : {1, 9}) {
            for (size_t offset : {0, 1}) {
                variant++;
                Array<float> x(values(random, n * p.input_size(), variant % 2 == 0), offset), y(n * p.output_size(), offset);
                Array<int> chosen(n * p.output_size(), offset);
                launch_pooling("max_pool", p.output_size(), n, p, x, y, chosen);

                const int activation = variant % 6;
                const float slope = 0.1f;
                Array<float> dy(random.floats(n * p.output_size()), offset), before(random.floats(n * p.input_size()), offset);
                Array<float> dx(n * p.input_size(), offset);
                launch_pooling("max_pool_gradient", p.input_size(), n, p, dy, chosen,
                               activation == 0 ? nullptr : before.data(), activation, slope, dx);

                for (int i = 0; i < n; i++) {
                    std::vector<float> best(p.output_size(), -std::numeric_limits<float>::infinity());
                    std::vector<int> where(p.output_size(), -1);
                    p.each_value([&](size_t o, int channel, int at) {
                        const float v = x[i * p.input_size() + size_t(at) * p.channels + channel];
                        if (where[o] < 0 || v > best[o] || (v != v && best[o] == best[o])) {
                            best[o] = v;
                            where[o] = at;
                        }
                    });
                    std::vector<float> sums(p.input_size(), 0.0f);
                    for (size_t o = 0; o < p.output_size(); o++) {
                        EXPECT(same(y[i * p.output_size() + o], best[o]));
                        EXPECT(chosen[i * p.output_size() + o] == where[o]);
                        if (where[o] >= 0) {
                            sums[size_t(where[o]) * p.channels + o % p.channels] += dy[i * p.output_size() + o];
                        }
                    }
                    for (size_t j = 0; j < p.input_size(); j++) {
                        const size_t at = i * p.input_size() + j;
                        EXPECT(same(dx[at], derivative_of(activation, slope, before[at], sums[j])));
                    }
                }
            }
        }
    }
}
