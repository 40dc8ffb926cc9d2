package org.saddlepoint.device.cuda;

import org.saddlepoint.device.Operations.AdamSettings;

/**
 * What a step of Adam multiplies with, computed once in double as on the CPU device.
 *
 * @param stepSize learning rate / (1 - beta1^t)
 * @param rootCorrection sqrt(1 - beta2^t)
 * @param coupledDecay added to the gradient as a share of the parameter
 * @param decoupledFactor parameters are multiplied by it first
 */
record AdamFactors(float stepSize, float rootCorrection, float coupledDecay, float decoupledFactor) {
    static AdamFactors of(AdamSettings settings, long step) {
        double correction1 = 1.0 - Math.pow(settings.beta1(), (double) step);
        double correction2 = 1.0 - Math.pow(settings.beta2(), (double) step);
        double rate = settings.learningRate();
        return new AdamFactors(
                (float) (rate / correction1),
                (float) Math.sqrt(correction2),
                settings.decoupled() ? 0f : settings.weightDecay(),
                settings.decoupled() ? (float) (1.0 - rate * (double) settings.weightDecay()) : 1f);
    }

    /** A row of a cursor's table. */
    float[] row() {
        return new float[] {stepSize, rootCorrection, decoupledFactor, 0f};
    }
}
