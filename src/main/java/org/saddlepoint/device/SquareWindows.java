package org.saddlepoint.device;

import org.jspecify.annotations.Nullable;
import org.saddlepoint.threat.Norm;

/**
 * Windows of images whose channels lie first, the same in each channel.
 *
 * @param channels of an image, at least 1
 * @param height of an image, at least 1
 * @param width of an image, at least 1
 * @param rows of a window, in 1..height
 * @param columns of a window, in 1..width
 * @param bumps L2 alone: 2 x rows x columns float32, two bumps of length 1 to choose from; else null
 */
public record SquareWindows(
        int channels,
        int height,
        int width,
        int rows,
        int columns,
        @Nullable Buffer bumps) {
    /** Checks that windows lie within their image. */
    public SquareWindows {
        if (channels < 1 || rows < 1 || columns < 1 || rows > height || columns > width) {
            throw new IllegalArgumentException("windows of " + rows + " x " + columns + " do not lie within images of "
                    + channels + " x " + height + " x " + width);
        }
    }

    /**
     * Values of an image.
     *
     * @return channels x height x width
     */
    public int size() {
        return channels * height * width;
    }

    /**
     * Checks that there are bumps where there must be.
     *
     * @param norm of the threat model
     * @throws IllegalArgumentException in L1, and in L2 without bumps
     */
    public void require(Norm norm) {
        if (norm == Norm.L1 || (norm == Norm.L2) != (bumps != null)) {
            throw new IllegalArgumentException(
                    "windows " + (bumps == null ? "without" : "with") + " bumps were given in " + norm.label()
                            + ": L-inf has none, L2 has them, and L1 has no such search");
        }
    }
}
