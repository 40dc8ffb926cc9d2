package org.saddlepoint.model;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.Activation;
import org.saddlepoint.device.Buffer;

/** x * scale + shift by channel, with the activation that follows it. */
final class BoundScaleShift extends BoundLayer {
    private final Channels channels;
    private final Buffer scale;
    private final @Nullable Buffer shift;
    private final boolean positive;

    /** Positive: all factors are above 0. */
    BoundScaleShift(
            Channels channels,
            Buffer scale,
            @Nullable Buffer shift,
            boolean positive,
            Activation activation,
            Buffer output) {
        super(channels.size(), channels.size(), activation, output);
        this.channels = channels;
        this.scale = scale;
        this.shift = shift;
        this.positive = positive;
    }

    @Override
    void forward(Pass pass, int n, Buffer x) {
        channels.scaleShift(pass.operations(), n, x, scale, shift, output);
        activateOutput(pass, n);
    }

    @Override
    void inputGradient(Pass pass, int n, Buffer dy, @Nullable BoundLayer before, Buffer dx) {
        channels.scaleShift(pass.operations(), n, dy, scale, null, dx);
        throughActivation(pass, n, before, dx);
    }

    @Override
    boolean keepsSigns() {
        return positive && activation.kind() == Activation.Kind.IDENTITY;
    }
}
