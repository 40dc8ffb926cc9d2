#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

TEST(sgd_bits) {
    for (long long length : {1, 3, 4, 1023, 1024, 1025, 3001}) {
        for (int variant = 0; variant < 16; variant++) {
            const bool nesterov = variant & 1, with_velocity = variant & 2, recorded = variant & 4;
            const size_t offset = variant & 8 ? 1 : 0;
            test::Random random(static_cast<unsigned>(variant));
            const float rate = 0.1f, momentum = with_velocity ? 0.9f : 0.0f, decay = 1e-2f;
            Array<float> p(random.floats(size_t(length)), offset), velocity(size_t(length), offset);
            Array<float> table(std::vector<float>{9, 9, 9, 9, rate, 1, 9, 9, rate / 2, 0, 9, 9});
            Array<int> cursor(std::vector<int>{5, 1, 0, 0});
            std::vector<float> want = p.values(), v(size_t(length), 0.0f);
            for (int step = 1; step <= 2; step++) {
                Array<float> gradient(random.floats(size_t(length)), offset);
                const float now = step == 1 ? rate : rate / 2;
                cursor[1] = step;
                test::launch("sgd", {blocks(length, 1024)}, {256}, 0, length, gradient, recorded ? 77.0f : now, momentum,
                             int(nesterov), decay, recorded ? 0 : int(step == 1), recorded ? table.data() : nullptr,
                             recorded ? cursor.data() : nullptr, with_velocity ? velocity.data() : nullptr, p);
                for (size_t i = 0; i < want.size(); i++) {
                    const float g = std::fmaf(decay, want[i], gradient[i]);
                    v[i] = step == 1 ? g : std::fmaf(momentum, v[i], g);
                    const float direction = !with_velocity ? g : nesterov ? std::fmaf(momentum, v[i], g) : v[i];
                    want[i] = std::fmaf(-now, direction, want[i]);
                }
                EXPECT(same(p.values(), want));
                EXPECT(!with_velocity || same(velocity.values(), v));
            }
        }
    }
}
