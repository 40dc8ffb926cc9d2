package org.saddlepoint.train;

import org.saddlepoint.device.Operations;

/** An optimizer as a value: its settings, and how it changes a flat array of parameters. */
public sealed interface Optimizer permits Sgd, Adam {
    /**
     * How results call it.
     *
     * @return sgd, adam or adamw
     */
    String name();

    /**
     * The learning rate before any schedule.
     *
     * @return above 0
     */
    float learningRate();

    /**
     * How many arrays of the parameters' length it keeps between steps.
     *
     * @return 0, 1 or 2
     */
    int stateArrays();

    /**
     * What a device is told for one step.
     *
     * @param rate the learning rate of this step
     * @return the settings
     */
    Operations.OptimizerSettings settings(float rate);

    /**
     * Refuses a setting that is out of range.
     *
     * @param name of the setting
     * @param value what was given
     * @param allowed whether it may be
     * @param range what would be right
     */
    static void require(String name, float value, boolean allowed, String range) {
        if (!allowed || Float.isInfinite(value)) {
            throw new IllegalArgumentException(name + " is " + value + ": it must be " + range);
        }
    }
}
