package org.saddlepoint.train;

import java.util.List;
import org.saddlepoint.attack.AttackBatch;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Cursor;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.RandomStream;
import org.saddlepoint.device.RandomStream.Purpose;
import org.saddlepoint.device.Update;
import org.saddlepoint.model.BoundModel;

/**
 * What every method works with.
 *
 * @param settings of the training
 * @param batch the examples at hand, and the model
 * @param losses one for each example of a batch
 * @param predictions as many int32
 * @param cursor where the training stands
 * @param state the optimizer's arrays
 */
record Workplace(
        Training settings, AttackBatch batch, Buffer losses, Buffer predictions, Cursor cursor, List<Buffer> state) {
    BoundModel model() {
        return batch.model();
    }

    Operations operations() {
        return batch.operations();
    }

    /** Tells the batch of its size and of the epoch's random starts. */
    void beginAttack(int examples, int epoch) {
        batch.begin(examples, new RandomStream(settings.seed(), Purpose.ATTACK_START, epoch), cursor);
    }

    /** An update on n rows x whose loss is a mean over the examples. */
    Update update(int rows, Buffer x, Buffer indices, int examples) {
        return new Update(
                rows, x, batch.labels(), indices, settings.seed(), 1f / examples, losses, predictions, cursor, state);
    }
}
