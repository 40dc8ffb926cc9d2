#include "launch.h"
#include "reference.h"
#include "test.h"

namespace {

using namespace reference;
using test::Array;

std::vector<float> awkward_floats(test::Random& random, size_t count) {
    const float special[] = {0.0f, -0.0f, 0.625f, -0.6249f, 88.5f, -88.5f, 1e30f, -1e30f, 1e-30f, INFINITY, -INFINITY, NAN};
    std::vector<float> values = random.floats(count, 8.0f);
    for (size_t i = 0; i < count; i += 3) {
        values[i] = special[i / 3 % 12];
    }
    return values;
}

}  // namespace

TEST(activation_bits) {
    for (long long length : {1, 2, 3, 4, 7, 1000, 1023, 1024, 1025, 4099}) {
        for (size_t offset : {0, 1}) {
            for (int activation = 0; activation < 6; activation++) {
                test::Random random(static_cast<unsigned>(length));
                Array<float> x(awkward_floats(random, size_t(length)), offset), y(size_t(length), offset);
                Array<float> dy(random.floats(size_t(length)), offset), dx(size_t(length), offset);
                const emu::Extent3 grid = {blocks(length, 1024)};
                test::launch("activation_forward", grid, {256}, 0, length, x, activation, 0.1f, y);
                test::launch("activation_gradient", grid, {256}, 0, length, y, dy, activation, 0.1f, dx);
                for (size_t i = 0; i < size_t(length); i++) {
                    EXPECT(same(y[i], activate(activation, 0.1f, x[i])));
                    EXPECT(same(dx[i], derivative_of(activation, 0.1f, y[i], dy[i])));
                    if (std::fabs(x[i]) < 80) {  // 2 units in the last place
                        const double exact = activate(activation, double(0.1f), double(x[i]));
                        EXPECT_CLOSE(y[i], exact, 2 * std::fabs(exact) * 0x1p-23 + 1e-38);
                    }
                }
                const std::vector<float> want = y.values(), gradient = dx.values();
                test::launch("activation_gradient", grid, {256}, 0, length, y, dy, activation, 0.1f, dy);
                test::launch("activation_forward", grid, {256}, 0, length, x, activation, 0.1f, x);
                EXPECT(same(x.values(), want) && same(dy.values(), gradient));
            }
        }
    }
}
