package org.saddlepoint.model;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;
import org.saddlepoint.device.Operations;

/** Normalisation as x * scale + shift by channel, with the activation that follows it. */
final class BoundScaleShift extends BoundLayer {
    private final int channels;
    private final Buffer scale;
    private final @Nullable Buffer shift;

    BoundScaleShift(
            int features, int channels, Buffer scale, @Nullable Buffer shift, Activation activation, Buffer output) {
        super(features, features, activation, output);
        this.channels = channels;
        this.scale = scale;
        this.shift = shift;
    }

    @Override
    void forward(Operations operations, int n, Buffer x) {
        operations.scaleShift(n, channels, in / channels, x, scale, shift, output);
        if (activation.kind() != Activation.Kind.IDENTITY) {
            operations.activate((long) n * out, output, activation, output);
        }
    }

    @Override
    void inputGradient(Operations operations, int n, Buffer dy, @Nullable BoundLayer before, Buffer dx) {
        operations.scaleShift(n, channels, in / channels, dy, scale, null, dx);
        if (before != null && before.activation.kind() != Activation.Kind.IDENTITY) {
            operations.activationGradient((long) n * in, before.output, dx, before.activation, dx);
        }
    }
}
