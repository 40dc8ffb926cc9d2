package org.saddlepoint.model;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Loop;
import org.saddlepoint.device.Operations;

/**
 * A layer with its buffers for one batch size. The activation that follows it belongs to it: {@link #output} holds the
 * activated values, and gradients that arrive are with respect to the values before that activation. The operation set
 * comes with each call: an attack's may round the operands of products.
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
    abstract void forward(Operations operations, int n, Buffer x);

    /** dx (n x in) from dy (n x out): through this layer, and through the activation of the layer before it, if any. */
    abstract void inputGradient(Operations operations, int n, Buffer dy, @Nullable BoundLayer before, Buffer dx);

    /** Overwrites this layer's part of the gradient; for a layer with parameters. */
    void weightGradient(Operations operations, int n, Buffer x, Buffer dy) {}

    /** An L-inf step whose input gradient never reaches memory; false if this layer has no such form. */
    boolean linfStep(Operations operations, Loop loop, Buffer dy) {
        return false;
    }
}
