package org.saddlepoint.device;

/**
 * A 2-D convolution over images of one size (cross-correlation, as everyone's layers have it). Weights are filters x
 * (channels / groups) x kernel height x kernel width, as PyTorch has them.
 *
 * <p>Inside a network images lie channels last: height x width x channels. A data set's images lie channels first; a
 * network's first convolution reads them as they are.
 *
 * @param channels of the input
 * @param height rows of the input
 * @param width columns of the input
 * @param filters channels of the output
 * @param window kernel, stride, padding, dilation
 * @param groups divides channels and filters: filter f sees the channels of group f / (filters / groups) alone
 * @param channelsFirst whether the input, and the gradient with respect to it, lie channels first; the output never does
 */
public record Convolution(
        int channels, int height, int width, int filters, Window window, int groups, boolean channelsFirst) {
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
     * @return filters x output height x output width
     */
    public int outputSize() {
        return filters * outputHeight() * outputWidth();
    }

    /**
     * Weights.
     *
     * @return filters x channels / groups x kernel height x kernel width
     */
    public int weightSize() {
        return filters * (channels / groups) * window.height() * window.width();
    }
}
