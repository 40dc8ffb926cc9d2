#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

TEST(dense_prepare_bf16_bits) {
    test::Random random(1);
    for (int in : {1, 8, 10, 17, 33, 127, 128, 785}) {
        for (int out : {1, 7, 8, 10, 33, 128}) {
            const int in8 = (in + 7) / 8 * 8, out8 = (out + 7) / 8 * 8;
            Array<float> w(random.floats(size_t(out) * in), 1);
            Array<unsigned short> forward(size_t(out) * in8), backward(size_t(in) * out8);
            test::launch("dense_prepare_bf16", {blocks(in8, 32), blocks(out8, 32)}, {256}, 0, in, out, w, forward, backward);
            const auto want = [&](int o, int i) {
                return o < out && i < in ? bits(rounded(kBf16, w[size_t(o) * in + i])) >> 16 : 0u;
            };
            for (int o = 0; o < out; o++) {
                for (int i = 0; i < in8; i++) {
                    EXPECT(forward[size_t(o) * in8 + i] == want(o, i));
                }
            }
            for (int i = 0; i < in; i++) {
                for (int o = 0; o < out8; o++) {
                    EXPECT(backward[size_t(i) * out8 + o] == want(o, i));
                }
            }
        }
    }
}
