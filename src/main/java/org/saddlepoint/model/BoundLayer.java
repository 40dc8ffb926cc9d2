package org.saddlepoint.model;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.Operations;

/**
 * A layer with its buffers for one batch size. The activation that follows it belongs to it: {@link #output} holds the
 * activated values, and gradients that arrive are with respect to the values before that activation.
 *
 * <p>A pass calls {@link #forward}, then from the last layer to the first {@link #backward} and {@link #inputGradient}, then
 * {@link #weightGradient}, each at most once.
 */
abstract class BoundLayer {
    final int in;
    final int out;
    final Activation activation;
    final Buffer output;

    BoundLayer(int in, int out, Activation activation, Buffer output) {
        this.in = in;
        this.out = out;
        this.activation = activation;
        this.output = output;
    }

    /** Computes {@link #output} (n x out) from x (n x in). */
    abstract void forward(Pass pass, int n, Buffer x);

    /** What both gradients need of dy (n x out), where a layer has such a part. */
    void backward(Pass pass, int n, Buffer dy) {}

    /** dx (n x in) from dy (n x out): through this layer, and through the activation of the layer before it, if any. */
    abstract void inputGradient(Pass pass, int n, Buffer dy, @Nullable BoundLayer before, Buffer dx);

    /** Overwrites this layer's part of the gradient; for a layer with parameters. */
    void weightGradient(Pass pass, int n, Buffer x, Buffer dy) {}

    /** Whether there is a {@link #linfStep}. */
    boolean hasLinfStep() {
        return false;
    }

    /** An L-inf step whose input gradient never reaches memory. */
    void linfStep(Pass pass, Loop loop, Buffer dy) {
        throw new UnsupportedOperationException(getClass() + " has no step of its own");
    }

    /** Whether an L-inf step is the same on either side of this layer: each value is multiplied by a positive constant. */
    boolean keepsSigns() {
        return false;
    }

    /** Applies the activation to {@link #output} in place, for layers without an epilogue. */
    final void activateOutput(Pass pass, int n) {
        if (activation.kind() != Activation.Kind.IDENTITY) {
            pass.operations().activate((long) n * out, output, activation, output);
        }
    }

    /** Takes dy, with respect to {@link #output}, through this layer's own activation, in place: for the last layer. */
    final void throughOwnActivation(Operations operations, int n, Buffer dy) {
        if (activation.kind() != Activation.Kind.IDENTITY) {
            operations.activationGradient((long) n * out, output, dy, activation, dy);
        }
    }

    /** Takes dx, with respect to the output of the layer before, through that layer's activation. */
    final void throughActivation(Pass pass, int n, @Nullable BoundLayer before, Buffer dx) {
        if (before != null && before.activation.kind() != Activation.Kind.IDENTITY) {
            pass.operations().activationGradient((long) n * in, before.output, dx, before.activation, dx);
        }
    }

    static Activation activationOf(@Nullable BoundLayer before) {
        return before == null ? Activation.IDENTITY : before.activation;
    }

    static @Nullable Buffer outputOf(@Nullable BoundLayer before) {
        return before == null ? null : before.output;
    }
}
