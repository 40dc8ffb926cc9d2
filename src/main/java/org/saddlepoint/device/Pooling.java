package org.saddlepoint.device;

/**
 * A pooling over images of one size, channels last on both sides.
 *
 * @param channels of input and output
 * @param height rows of the input
 * @param width columns of the input
 * @param window kernel, stride, padding, dilation; padding is smaller than the kernel
 * @param countPadding average pooling alone: whether padding counts as zeros in the mean
 */
public record Pooling(int channels, int height, int width, Window window, boolean countPadding) {
    /**
     * Rows of the output.
     *
     * @return at least 1
     */
    public int outputHeight() {
        return window.outputHeight(height);
    }

    /**
     * Columns of the output.
     *
     * @return at least 1
     */
    public int outputWidth() {
        return window.outputWidth(width);
    }

    /**
     * Values of one input.
     *
     * @return channels x height x width
     */
    public int inputSize() {
        return channels * height * width;
    }

    /**
     * Values of one output.
     *
     * @return channels x output height x output width
     */
    public int outputSize() {
        return channels * outputHeight() * outputWidth();
    }
}
