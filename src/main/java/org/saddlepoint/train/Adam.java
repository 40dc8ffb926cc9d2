package org.saddlepoint.train;

import org.saddlepoint.device.Operations;

/**
 * Adam (Kingma and Ba 2015) and, with decoupled weight decay, AdamW (Loshchilov and Hutter 2019).
 *
 * @param learningRate above 0
 * @param beta1 decay of the first moment, in [0,1)
 * @param beta2 decay of the second moment, in [0,1)
 * @param stabilizer added to the root of the second moment, above 0
 * @param weightDecay at least 0
 * @param decoupled whether the decay is AdamW's
 */
public record Adam(float learningRate, float beta1, float beta2, float stabilizer, float weightDecay, boolean decoupled)
        implements Optimizer {
    /** Checks the settings. */
    public Adam {
        Optimizer.require("learning rate", learningRate, learningRate > 0, "a finite number above 0");
        Optimizer.require("beta1", beta1, beta1 >= 0 && beta1 < 1, "at least 0 and below 1");
        Optimizer.require("beta2", beta2, beta2 >= 0 && beta2 < 1, "at least 0 and below 1");
        Optimizer.require("stabilizer", stabilizer, stabilizer > 0, "a finite number above 0");
        Optimizer.require("weight decay", weightDecay, weightDecay >= 0, "a finite number of at least 0");
    }

    /**
     * Adam with the paper's constants.
     *
     * @param value the learning rate, above 0
     * @return beta1 0.9, beta2 0.999, stabilizer 1e-8, no weight decay
     */
    public static Adam learningRate(float value) {
        return new Adam(value, 0.9f, 0.999f, 1e-8f, 0f, false);
    }

    /**
     * AdamW with the paper's constants.
     *
     * @param value the learning rate, above 0
     * @param weightDecay at least 0
     * @return as Adam, with decoupled weight decay
     */
    public static Adam decoupled(float value, float weightDecay) {
        return new Adam(value, 0.9f, 0.999f, 1e-8f, weightDecay, true);
    }

    /**
     * This optimizer with weight decay.
     *
     * @param value at least 0
     * @return a copy
     */
    public Adam withWeightDecay(float value) {
        return new Adam(learningRate, beta1, beta2, stabilizer, value, decoupled);
    }

    @Override
    public String name() {
        return decoupled ? "adamw" : "adam";
    }

    @Override
    public int stateArrays() {
        return 2;
    }

    @Override
    public Operations.OptimizerSettings settings(float rate) {
        return new Operations.AdamSettings(rate, beta1, beta2, stabilizer, weightDecay, decoupled);
    }
}
