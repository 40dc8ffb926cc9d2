package org.saddlepoint.device;

import org.jspecify.annotations.Nullable;

/**
 * The recurrent part of recurrent layers. What does not recur is dense products over all examples and steps at once: the
 * inputs' part of the gates before, and the gradients with respect to inputs and weights afterwards.
 */
public interface SequenceOperations {
    /**
     * Runs the cells over all steps.
     *
     * @param n examples
     * @param shape of the layer
     * @param gates n x steps x gateSize: W x + b on entry; the gates' activated values afterwards
     * @param weights gateSize x hidden: U
     * @param bias gateSize: c
     * @param states n x steps x hidden, overwritten: h
     * @param memory n x steps x hidden, overwritten: LSTM: the cells' state c_t; GRU: the hidden product of the candidate, (U h
     *     + c)_n; null for a plain RNN
     */
    void recurrentForward(
            int n, Recurrence shape, Buffer gates, Buffer weights, Buffer bias, Buffer states, @Nullable Buffer memory);

    /**
     * Back-propagation through time, from the gradients of the states to those of the gates.
     *
     * @param n examples
     * @param shape of the layer
     * @param gates as {@link #recurrentForward} left them
     * @param weights gateSize x hidden: U
     * @param states as {@link #recurrentForward} left them
     * @param memory as {@link #recurrentForward} left it
     * @param dStates n x steps x hidden where all is true, else n x hidden, of the last step alone
     * @param all whether all steps are outputs
     * @param dGates n x steps x gateSize, overwritten: with respect to W x + b
     * @param dHidden n x steps x gateSize, overwritten: with respect to U h + c; differs from dGates for GRU alone; null for
     *     other kinds
     */
    void recurrentBackward(
            int n,
            Recurrence shape,
            Buffer gates,
            Buffer weights,
            Buffer states,
            @Nullable Buffer memory,
            Buffer dStates,
            boolean all,
            Buffer dGates,
            @Nullable Buffer dHidden);

    /**
     * The gradients with respect to U and c, summed over examples in chunks of 32 in index order (a chunk: one chain over its
     * examples and their steps).
     *
     * @param n examples
     * @param shape of the layer
     * @param states as {@link #recurrentForward} left them
     * @param dHidden n x steps x gateSize
     * @param dWeights gateSize x hidden, overwritten
     * @param dBias gateSize, overwritten
     */
    void recurrentWeightGradient(int n, Recurrence shape, Buffer states, Buffer dHidden, Buffer dWeights, Buffer dBias);
}
