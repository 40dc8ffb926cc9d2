#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

TEST(transpose_bits) {
    test::Random random(13);
    for (int n : {1, 7}) {
        for (int rows : {1, 3, 32, 33}) {
            for (int columns : {1, 31, 70}) {
                const size_t size = size_t(rows) * columns;
                Array<float> x(random.floats(n * size), 1), y(n * size, 1);
                test::launch("transpose", {blocks(rows, 32) * blocks(columns, 32), unsigned(n > 3 ? 3 : n)}, {256}, 0, n, rows,
                             columns, x, y);
                for (size_t i = 0; i < n * size; i++) {
                    const size_t at = i % size;
                    EXPECT(same(y[i - at + at % columns * rows + at / columns], x[i]));
                }
            }
        }
    }
}
