#include "pooling.h"

using namespace reference;
using test::Array;

TEST(average_pool_bits) {
    test::Random random(12);
    int variant = 0;
    for (const Pooling& p : poolings()) {
        for (int n : {1, 9}) {
            for (int count_padding : {0, 1}) {
                const size_t offset = size_t(variant % 2);
                const int activation = variant++ % 6;
                const float slope = 0.1f;
                Array<float> x(random.floats(n * p.input_size()), offset), y(n * p.output_size(), offset);
                launch_pooling("average_pool", p.output_size(), n, p, count_padding, x, y);
                Array<float> dy(random.floats(n * p.output_size()), offset), before(random.floats(n * p.input_size()), offset);
                Array<float> dx(n * p.input_size(), offset);
                launch_pooling("average_pool_gradient", p.input_size(), n, p, count_padding, dy,
                               activation == 0 ? nullptr : before.data(), activation, slope, dx);

                std::vector<int> inside(p.output_size(), 0);
                p.each_value([&](size_t o, int, int) { inside[o]++; });
                const auto count = [&](size_t o) {
                    return float(count_padding ? p.kernel_height * p.kernel_width : inside[o]);
                };
                for (int i = 0; i < n; i++) {
                    std::vector<float> sums(p.output_size(), 0.0f), gradients(p.input_size(), 0.0f);
                    p.each_value([&](size_t o, int channel, int at) {
                        const size_t j = size_t(at) * p.channels + channel;
                        sums[o] += x[i * p.input_size() + j];
                        gradients[j] += dy[i * p.output_size() + o] / count(o);
                    });
                    for (size_t o = 0; o < p.output_size(); o++) {
                        EXPECT(same(y[i * p.output_size() + o], inside[o] == 0 ? 0.0f : sums[o] / count(o)));
                    }
                    for (size_t j = 0; j < p.input_size(); j++) {
                        const size_t at = i * p.input_size() + j;
                        EXPECT(same(dx[at], derivative_of(activation, slope, before[at], gradients[j])));
                    }
                }
            }
        }
    }
}
