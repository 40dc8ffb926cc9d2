package org.saddlepoint.train;

import org.saddlepoint.device.Operations;

/**
 * Stochastic gradient descent, with PyTorch's conventions for momentum and Nesterov's variant (Sutskever et al. 2013).
 *
 * @param learningRate above 0
 * @param momentum in [0,1)
 * @param nesterov whether to look ahead; needs momentum
 * @param weightDecay at least 0, added to the gradient
 */
public record Sgd(float learningRate, float momentum, boolean nesterov, float weightDecay) implements Optimizer {
    /** Checks the settings. */
    public Sgd {
        Optimizer.require("learning rate", learningRate, learningRate > 0, "a finite number above 0");
        Optimizer.require("momentum", momentum, momentum >= 0 && momentum < 1, "at least 0 and below 1");
        Optimizer.require("weight decay", weightDecay, weightDecay >= 0, "a finite number of at least 0");
        if (nesterov && momentum == 0) {
            throw new IllegalArgumentException("Nesterov's variant needs momentum above 0");
        }
    }

    /**
     * Plain SGD.
     *
     * @param value the learning rate, above 0
     * @return without momentum or weight decay
     */
    public static Sgd learningRate(float value) {
        return new Sgd(value, 0f, false, 0f);
    }

    /**
     * This optimizer with momentum.
     *
     * @param value in [0,1)
     * @return a copy
     */
    public Sgd withMomentum(float value) {
        return new Sgd(learningRate, value, nesterov, weightDecay);
    }

    /**
     * This optimizer with Nesterov's variant of momentum.
     *
     * @return a copy
     */
    public Sgd withNesterov() {
        return new Sgd(learningRate, momentum, true, weightDecay);
    }

    /**
     * This optimizer with weight decay.
     *
     * @param value at least 0
     * @return a copy
     */
    public Sgd withWeightDecay(float value) {
        return new Sgd(learningRate, momentum, nesterov, value);
    }

    @Override
    public String name() {
        return "sgd";
    }

    @Override
    public int stateArrays() {
        return momentum > 0 ? 1 : 0;
    }

    @Override
    public Operations.OptimizerSettings settings(float rate) {
        return new Operations.SgdSettings(rate, momentum, nesterov, weightDecay);
    }
}
