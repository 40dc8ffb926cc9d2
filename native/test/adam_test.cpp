#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

TEST(adam_bits) {
    const float beta1 = 0.9f, beta2 = 0.999f, stabilizer = 1e-8f;
    for (long long length : {1, 3, 4, 1023, 1024, 1025, 3001}) {
        for (int variant = 0; variant < 8; variant++) {
            const bool decoupled = variant & 1, recorded = variant & 2;
            const size_t offset = variant & 4 ? 1 : 0;
            test::Random random(static_cast<unsigned>(variant));
            const float coupled = decoupled ? 0.0f : 0.01f, factor = decoupled ? 1 - 1e-5f : 1.0f;
            Array<float> p(random.floats(size_t(length)), offset), zero(std::vector<float>(size_t(length), 0.0f), offset);
            Array<float> m(zero.values(), offset), v(zero.values(), offset), table(12);
            Array<int> cursor(std::vector<int>{5, 1, 0, 0});
            std::vector<float> want = p.values(), wm = m.values(), wv = v.values();
            std::vector<double> exact(want.begin(), want.end()), em(want.size()), ev(want.size());
            for (int step = 1; step <= 2; step++) {
                Array<float> gradient(random.floats(size_t(length)), offset);
                const float size = float(1e-3 / (1 - std::pow(double(beta1), step)));
                const float root = float(std::sqrt(1 - std::pow(double(beta2), step)));
                table[size_t(4 * step)] = size;
                table[size_t(4 * step + 1)] = root;
                table[size_t(4 * step + 2)] = factor;
                cursor[1] = step;
                test::launch("adam", {blocks(length, 1024)}, {256}, 0, length, gradient, recorded ? 77.0f : size,
                             recorded ? 77.0f : root, beta1, beta2, stabilizer, coupled, recorded ? 77.0f : factor,
                             recorded ? table.data() : nullptr, recorded ? cursor.data() : nullptr, m, v, p);
                for (size_t i = 0; i < want.size(); i++) {
                    const float before = want[i] * factor;
                    const float g = std::fmaf(coupled, before, gradient[i]);
                    wm[i] = std::fmaf(beta1, wm[i], (1 - beta1) * g);
                    wv[i] = std::fmaf(beta2, wv[i], (1 - beta2) * (g * g));
                    want[i] = before - size * wm[i] / std::fmaf(std::sqrt(wv[i]), 1 / root, stabilizer);
                    const double eg = gradient[i] + coupled * exact[i];
                    em[i] = beta1 * em[i] + (1.0 - beta1) * eg;
                    ev[i] = beta2 * ev[i] + (1.0 - beta2) * eg * eg;
                    exact[i] = factor * exact[i] - size * em[i] / (std::sqrt(ev[i]) / root + stabilizer);
                    // Each step moves by about 1e-3 within 20 ulp, and is added to a value of up to 1; float32's 1 - beta2 is
                    // off by 3e-5 of its own size.
                    EXPECT_CLOSE(p[i], exact[i], 4 * 0x1p-24 + 1e-7);
                }
                EXPECT(same(p.values(), want) && same(m.values(), wm) && same(v.values(), wv));
            }
        }
    }
}
