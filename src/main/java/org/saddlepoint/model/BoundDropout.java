package org.saddlepoint.model;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.RandomStream;
import org.saddlepoint.device.RandomStream.Purpose;
import org.saddlepoint.device.Update;

/** Dropout: in weight updates alone. */
final class BoundDropout extends BoundLayer {
    private final float probability;
    private final int number;

    /** Number: tells the dropout layers of a model apart. */
    BoundDropout(int features, float probability, int number, Buffer output) {
        super(features, features, Activation.IDENTITY, output);
        this.probability = probability;
        this.number = number;
    }

    @Override
    void forward(Pass pass, int n, Buffer x) {
        apply(pass, n, x, output);
    }

    @Override
    void inputGradient(Pass pass, int n, Buffer dy, @Nullable BoundLayer before, Buffer dx) {
        apply(pass, n, dy, dx);
        throughActivation(pass, n, before, dx);
    }

    private void apply(Pass pass, int n, Buffer from, Buffer to) {
        Update update = pass.update();
        if (update == null) {
            pass.operations().copy((long) n * in, from, to);
        } else {
            RandomStream random = new RandomStream(update.seed(), Purpose.DROPOUT, 1); // the epoch is the cursor's
            pass.operations()
                    .normalizations()
                    .dropout(n, in, from, update.indices(), random, update.cursor(), number, probability, to);
        }
    }
}
