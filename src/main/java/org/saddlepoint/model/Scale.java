package org.saddlepoint.model;

import java.util.List;

/**
 * x * scale + shift with constants, by channel: the first dimension of the input; one value each serves all channels.
 *
 * @param scale of each channel, finite
 * @param shift of each channel, finite
 */
public record Scale(List<Float> scale, List<Float> shift) implements Layer {
    /** Checks the values. */
    public Scale {
        scale = List.copyOf(scale);
        shift = List.copyOf(shift);
        if (scale.isEmpty() || scale.size() != shift.size()) {
            throw new IllegalArgumentException("scale has " + scale.size() + " factors and " + shift.size()
                    + " summands: both need one, or one a channel");
        }
        for (int i = 0; i < scale.size(); i++) {
            if (!Float.isFinite(scale.get(i)) || !Float.isFinite(shift.get(i))) {
                throw new IllegalArgumentException(
                        "scale(" + scale.get(i) + ", " + shift.get(i) + ") of channel " + i + ": both must be finite");
            }
        }
    }

    @Override
    public Shape output(Shape input) {
        if (scale.size() != 1 && scale.size() != input.dimensions().getFirst()) {
            throw new IllegalArgumentException(
                    "scale with " + scale.size() + " channels cannot take an input of shape " + input);
        }
        return input;
    }

    @Override
    public long flops(Shape input) {
        return 2L * input.size();
    }
}
