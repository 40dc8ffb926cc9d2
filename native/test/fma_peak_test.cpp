#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

TEST(fma_peak_runs_its_chains) {
    for (int iterations : {0, 1, 7}) {
        Array<float> out(512);
        test::launch("fma_peak", {2}, {256}, 0, iterations, out);
        for (int thread = 0; thread < 512; thread++) {
            float total = 0;
            for (int c = 0; c < 16; c++) {
                float chain = float(c) + float(thread % 256);
                for (int i = 0; i < iterations; i++) {
                    chain = std::fmaf(chain, 0.999f, 0.001f);
                }
                total += chain;
            }
            EXPECT(same(out[size_t(thread)], total));
        }
    }
}
