#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

TEST(add_bits) {
    test::Random random(3);
    for (long long length : {1, 3, 4, 1023, 1024, 1025, 5000}) {
        for (int activation = 0; activation <= 5; activation++) {
            for (size_t offset : {0, 1}) {
                Array<float> a(random.floats(size_t(length)), offset), b(random.floats(size_t(length)), offset);
                const std::vector<float> left = a.values();
                Array<float> y(size_t(length), offset);
                test::launch("add", {blocks(length, 1024)}, {256}, 0, length, a, b, activation, 0.3f, y);
                test::launch("add", {blocks(length, 1024)}, {256}, 0, length, a, b, activation, 0.3f, a);
                for (size_t i = 0; i < left.size(); i++) {
                    EXPECT(same(y[i], activate(activation, 0.3f, left[i] + b[i])));
                    EXPECT(same(a[i], y[i]));
                }
            }
        }
    }
}
