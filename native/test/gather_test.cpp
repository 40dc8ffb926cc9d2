#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

TEST(gather_bits) {
    test::Random random(9);
    const int rows = 300;
    for (int n : kRowCounts) {
        for (int d : {1, 4, 10, 17, 33, 127, 128, 784, 785, 3072}) {
            for (size_t offset : {0, 1}) {
                Array<unsigned char> bytes(size_t(rows) * d, offset);
                for (size_t i = 0; i < bytes.size(); i++) {
                    bytes[i] = static_cast<unsigned char>(i * 7 + i / 256);
                }
                Array<float> floats(random.floats(size_t(rows) * d), offset);
                Array<int> ints(random.ints(rows, 1000)), indices(random.ints(n, rows)), labels(n);
                indices[0] = rows - 1;
                Array<float> pixels(size_t(n) * d, offset), copies(size_t(n) * d, offset);
                test::launch("gather_bytes", {unsigned(n)}, {256}, 0, n, d, bytes, indices, pixels);
                test::launch("gather_floats", {unsigned(n)}, {256}, 0, n, d, floats, indices, copies);
                test::launch("gather_ints", {blocks(n, 256)}, {256}, 0, n, ints, indices, labels);
                for (int i = 0; i < n; i++) {
                    EXPECT(labels[i] == ints[indices[i]]);
                    for (int j = 0; j < d; j++) {
                        const size_t from = size_t(indices[i]) * d + j, to = size_t(i) * d + j;
                        EXPECT(same(pixels[to], static_cast<float>(bytes[from] / 255.0)));
                        EXPECT(same(copies[to], floats[from]));
                    }
                }
            }
        }
    }
}
