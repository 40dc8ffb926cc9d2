#include <numeric>

#include "launch.h"
#include "reference.h"
#include "test.h"

using namespace reference;
using test::Array;

// An epoch of 1,000 examples in batches, the last one ragged, replays with the same arguments but for the last; each is
// trained on twice: without examples, end_batch counts the update and files nothing.
TEST(cursor_walks_an_epoch) {
    const int examples = 1000;
    for (int batch : {1, 7, 256, 300, 1000}) {
        Array<int> order(examples), cursor(std::vector<int>{0, 0, 3, 0}), predictions(examples);
        Array<float> losses(examples);
        std::iota(order.data(), order.data() + examples, 5);
        int batches = 0;
        for (int done = 0; done < examples; done += batch, batches++) {
            const int n = std::min(batch, examples - done);
            Array<int> indices(n), predicted(n);
            Array<float> loss(n);
            test::launch("next_batch", {blocks(n, 256)}, {256}, 0, n, order, cursor, indices);
            for (int i = 0; i < n; i++) {
                EXPECT(indices[i] == 5 + done + i);
                loss[i] = float(indices[i]) / 2;
                predicted[i] = -indices[i];
            }
            test::launch("end_batch", {1}, {256}, 0, 0, loss, predicted, cursor, losses, predictions);
            EXPECT(cursor[0] == done && cursor[1] == 2 * batches + 1);
            test::launch("end_batch", {1}, {256}, 0, n, loss, predicted, cursor, losses, predictions);
        }
        EXPECT(cursor[0] == examples && cursor[1] == 2 * batches && cursor[2] == 3 && cursor[3] == 0);
        for (int i = 0; i < examples; i++) {
            EXPECT(losses[i] == float(5 + i) / 2 && predictions[i] == -5 - i);
        }
    }
}
