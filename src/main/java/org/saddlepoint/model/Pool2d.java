package org.saddlepoint.model;

import java.util.List;
import java.util.Objects;
import org.saddlepoint.device.Pooling;
import org.saddlepoint.device.Window;

/**
 * Pooling of images (channels x height x width), each channel for itself.
 *
 * @param kind what becomes of a window
 * @param window kernel, stride, padding (smaller than the kernel), dilation
 * @param countPadding average pooling alone: whether padding counts as zeros in the mean, as PyTorch's default has it
 */
public record Pool2d(Kind kind, Window window, boolean countPadding) implements Layer {
    /** Kinds of pooling. */
    public enum Kind {
        /** The largest value. */
        MAX,
        /** The mean. */
        AVERAGE
    }

    /** Checks the padding. */
    public Pool2d {
        Objects.requireNonNull(kind, "a pooling layer needs a kind");
        long spanY = (window.height() - 1L) * window.dilationY() + 1;
        long spanX = (window.width() - 1L) * window.dilationX() + 1;
        if (Math.max(window.top(), window.bottom()) >= spanY || Math.max(window.left(), window.right()) >= spanX) {
            throw new IllegalArgumentException(
                    "pooling of " + window + ": padding must be smaller than the kernel, or windows may be empty");
        }
    }

    @Override
    public Shape output(Shape input) {
        List<Integer> sizes = input.dimensions();
        if (sizes.size() != 3) {
            throw new IllegalArgumentException(
                    "pooling cannot take an input of shape " + input + ": it needs CHANNELSxHEIGHTxWIDTH");
        }
        int height = window.outputHeight(sizes.get(1));
        int width = window.outputWidth(sizes.get(2));
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "pooling of " + window + " does not fit into an input of shape " + input);
        }
        return Shape.of(sizes.get(0), height, width);
    }

    @Override
    public long flops(Shape input) {
        return (long) output(input).size() * window.height() * window.width();
    }

    /** What the device is told, for inputs of a shape. */
    Pooling on(Shape input) {
        List<Integer> sizes = input.dimensions();
        return new Pooling(sizes.get(0), sizes.get(1), sizes.get(2), window, countPadding);
    }
}
