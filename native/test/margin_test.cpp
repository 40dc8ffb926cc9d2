#include "launch.h"
#include "reference.h"
#include "test.h"

namespace {

using namespace reference;
using test::Array;

int largest(int c, const float* z, int skipped) {
    int best = -1;
    for (int j = 0; j < c; j++) {
        if (j != skipped && (best < 0 || z[j] > z[best])) {
            best = j;
        }
    }
    return best;
}

}  // namespace

TEST(margin_and_arg_max_bits) {
    for (int n : kRowCounts) {
        for (int c : {1, 2, 10, 31, 32, 33, 100}) {
            test::Random random(static_cast<unsigned>(n * 1009 + c));
            std::vector<float> values = exact_floats(random, size_t(n) * c);  // many ties
            for (size_t i = 0; i < values.size(); i += 13) {
                values[i] = i % 2 == 0 ? NAN : -INFINITY;
            }
            Array<float> z(values), loss(n), gradient(size_t(n) * c);
            Array<int> labels(random.ints(n, c)), out(n);
            test::launch("arg_max", {blocks(n, 4)}, {128}, 0, n, c, z, out);
            test::launch("margin", {blocks(n, 4)}, {128}, 0, n, c, z, labels, 0.5f, nullptr, gradient);
            test::launch("margin", {blocks(n, 4)}, {128}, 0, n, c, z, labels, 0.5f, loss, z);
            EXPECT(same(z.values(), gradient.values()));
            for (int i = 0; i < n; i++) {
                const float* row = &values[size_t(i) * c];
                EXPECT(out[i] == largest(c, row, -1));
                const int other = largest(c, row, labels[i]);
                EXPECT(same(loss[i], other < 0 ? 0.0f : row[other] - row[labels[i]]));
                for (int j = 0; j < c; j++) {
                    const float want = other < 0 ? 0.0f : j == other ? 0.5f : j == labels[i] ? -0.5f : 0.0f;
                    EXPECT(gradient[size_t(i) * c + j] == want);
                }
            }
        }
    }
}
