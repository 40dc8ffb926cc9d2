package org.saddlepoint.train;

import org.saddlepoint.model.Classifier;

/**
 * What an epoch came to.
 *
 * @param epoch from 1
 * @param epochs of the whole training
 * @param loss mean training loss, on the inputs that were trained on (adversarial ones, if an attack is)
 * @param accuracy training accuracy on them, before each update
 * @param learningRate of the last step
 * @param seconds that training took, this epoch
 * @param samples trained on in this epoch
 * @param score what {@link Training#keepBest} or, without it, {@link Training#stopOnOverfitting} measured; NaN without either
 * @param classifier the model as it is now, for listeners to measure; not to be kept
 * @param checkpoint the state from which training goes on to the same bits; costs a copy of it, so only as asked for
 */
public record EpochReport(
        int epoch,
        int epochs,
        double loss,
        double accuracy,
        double learningRate,
        double seconds,
        int samples,
        double score,
        Classifier classifier,
        java.util.function.Supplier<Checkpoint> checkpoint) {}
