#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

TEST(sum_bits) {
    test::Random random(1);
    for (long long length : {0, 1, 31, 32, 33, 8191, 8192, 8193, 60000}) {
        Array<float> x(random.floats(size_t(length), 1e3f)), out(1);
        test::launch("sum", {1}, {256}, 0, length, x, out);
        double total = 0;
        for (size_t i = 0; i < x.size(); i += 32) {
            double chunk = 0;
            for (size_t j = i; j < x.size() && j < i + 32; j++) {
                chunk += x[j];
            }
            total += chunk;
        }
        EXPECT(same(out[0], static_cast<float>(total)));
    }
}
