#include "statistics.h"

using namespace reference;
using test::Array;

TEST(scale_shift_bits) {
    test::Random random(3);
    for (int n : kRowCounts) {
        for (int channels : {1, 3, 33, 300}) {
            for (int size : {1, 17, 784}) {
                const size_t length = size_t(n) * channels * size;
                if (length > 1000000) {
                    continue;
                }
                Array<float> x(random.floats(length)), scale(random.floats(channels)), shift(random.floats(channels));
                Array<float> y(length), unshifted(length);
                const emu::Extent3 grid = matrix_grid(n, channels * size);
                test::launch("scale_shift", grid, {256}, 0, n, channels, size, x, scale, shift, y);
                test::launch("scale_shift", grid, {256}, 0, n, channels, size, x, scale, nullptr, unshifted);
                for (size_t i = 0; i < length; i++) {
                    const size_t k = i / size % channels;
                    EXPECT(same(y[i], std::fmaf(x[i], scale[k], shift[k])));
                    EXPECT(same(unshifted[i], std::fmaf(x[i], scale[k], 0.0f)));
                }
            }
        }
    }
}
