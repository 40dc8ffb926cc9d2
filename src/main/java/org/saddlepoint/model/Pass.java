package org.saddlepoint.model;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.Precision;
import org.saddlepoint.device.Update;

/**
 * What layers are told of a pass through them.
 *
 * @param operations an attack's may round the operands of products
 * @param precision of those operands
 * @param update the weight update that the pass is part of: batch normalisation and dropout then train; null in attacks and
 *     evaluation
 */
record Pass(
        Operations operations,
        Precision precision,
        @Nullable Update update) {
    static Pass evaluation(Operations operations) {
        return new Pass(operations, Precision.FLOAT32, null);
    }

    static Pass attack(Operations operations, Precision precision) {
        return new Pass(operations.at(precision), precision, null);
    }

    static Pass training(Operations operations, Update update) {
        return new Pass(operations, Precision.FLOAT32, update);
    }
}
