#include "statistics.h"

using namespace reference;
using test::Array;

TEST(copy_columns_exact) {
    test::Random random(3);
    for (int rows : kRowCounts) {
        for (int columns : kWidths) {
            const int source_width = columns + 3, target_width = columns + 5;
            Array<float> source(random.floats(size_t(rows) * source_width));
            Array<float> target(random.floats(size_t(rows) * target_width));
            const std::vector<float> before = target.values();
            test::launch("copy_columns", matrix_grid(rows, columns), {256}, 0, static_cast<long long>(rows), columns, source,
                         source_width, 2, target, target_width, 4);
            for (size_t i = 0; i < before.size(); i++) {
                const int column = static_cast<int>(i % target_width) - 4;
                const bool copied = column >= 0 && column < columns;
                EXPECT(same(target[i], copied ? source[i / target_width * source_width + 2 + size_t(column)] : before[i]));
            }
        }
    }
}
