package org.saddlepoint.device;

import org.jspecify.annotations.Nullable;

/**
 * Operations on images: convolution and pooling. Images lie channels last (height x width x channels), except where a
 * {@link Convolution} says otherwise. As in all of {@link Operations}, each element has one fixed summation order, one
 * chain of fused multiply-adds from zero: over kernel rows, then kernel columns, then channels (of an input's gradient:
 * filters), all ascending; a bias is added last.
 */
public interface ImageOperations {
    /**
     * Floats that a prepared copy of a convolution's weights needs, at this operation set's precision.
     *
     * @param shape of the convolution
     * @return 0 where the device needs none
     */
    long preparedLength(Convolution shape);

    /**
     * Brings weights into the forms in which the device multiplies fastest at this operation set's precision, forward and
     * backward; to be called again after every change.
     *
     * @param shape of the convolution
     * @param weights filters x channels / groups x kernel height x kernel width
     * @param prepared at least {@link #preparedLength} floats
     */
    void prepare(Convolution shape, Buffer weights, Buffer prepared);

    /**
     * y = activation(x * W + b).
     *
     * @param n examples
     * @param shape of the convolution
     * @param x n inputs
     * @param weights the filters
     * @param prepared the same weights, prepared at this precision
     * @param bias filters, or null for zeros
     * @param activation applied in the epilogue
     * @param y n outputs, channels last
     */
    void convolutionForward(
            int n,
            Convolution shape,
            Buffer x,
            Buffer weights,
            Buffer prepared,
            @Nullable Buffer bias,
            Activation activation,
            Buffer y);

    /**
     * The gradient with respect to the input, and through the activation that fed it.
     *
     * @param n examples
     * @param shape of the convolution
     * @param dy n outputs' gradients, channels last
     * @param weights the filters
     * @param prepared the same weights, prepared at this precision
     * @param activation of the layer before; {@link Activation#IDENTITY} for none
     * @param before n inputs, that activation's output; null with the identity
     * @param dx n inputs' gradients, laid out like the inputs
     */
    void convolutionInputGradient(
            int n,
            Convolution shape,
            Buffer dy,
            Buffer weights,
            Buffer prepared,
            Activation activation,
            @Nullable Buffer before,
            Buffer dx);

    /**
     * The gradients with respect to weights and bias, summed over examples in chunks of 32 in index order, and within an
     * example over rows and columns of the output: one chain a chunk, or on a device that divides chunks into parts one
     * a part, then the parts' sums in order, then the chunks'.
     *
     * @param n examples
     * @param shape of the convolution
     * @param x n inputs
     * @param dy n outputs' gradients, channels last
     * @param dWeights like the weights
     * @param dBias filters, or null
     */
    void convolutionWeightGradient(
            int n, Convolution shape, Buffer x, Buffer dy, Buffer dWeights, @Nullable Buffer dBias);

    /**
     * An L-inf step whose gradient is never stored: the same bits as {@link #convolutionInputGradient} and
     * {@link Operations#step}.
     *
     * @param shape of the first layer
     * @param dy n outputs' gradients, channels last
     * @param weights the filters
     * @param prepared the same weights, prepared at this precision
     * @param loop batch, rule and what has been beaten; its x and origin are laid out like the shape's input
     */
    void convolutionLinfStep(Convolution shape, Buffer dy, Buffer weights, Buffer prepared, Loop loop);

    /**
     * The largest value in each window, padding left out; ties: the first in rows, then columns. A window with values that
     * are not numbers gives the first of those.
     *
     * @param n examples
     * @param shape of the pooling
     * @param x n inputs
     * @param y n outputs
     * @param chosen n outputs int32: the position (row * width + column) in the input image of each output's value
     */
    void maxPool(int n, Pooling shape, Buffer x, Buffer y, Buffer chosen);

    /**
     * The gradient of {@link #maxPool} with respect to its input, and through the activation that fed it. Where windows
     * overlap, contributions add up in the order of the outputs.
     *
     * @param n examples
     * @param shape of the pooling
     * @param dy n outputs' gradients
     * @param chosen as {@link #maxPool} left it
     * @param activation of the layer before; {@link Activation#IDENTITY} for none
     * @param before n inputs, that activation's output; null with the identity
     * @param dx n inputs' gradients, overwritten
     */
    void maxPoolGradient(
            int n, Pooling shape, Buffer dy, Buffer chosen, Activation activation, @Nullable Buffer before, Buffer dx);

    /**
     * The mean of each window.
     *
     * @param n examples
     * @param shape of the pooling
     * @param x n inputs
     * @param y n outputs
     */
    void averagePool(int n, Pooling shape, Buffer x, Buffer y);

    /**
     * The gradient of {@link #averagePool} with respect to its input, and through the activation that fed it.
     *
     * @param n examples
     * @param shape of the pooling
     * @param dy n outputs' gradients
     * @param activation of the layer before; {@link Activation#IDENTITY} for none
     * @param before n inputs, that activation's output; null with the identity
     * @param dx n inputs' gradients, overwritten
     */
    void averagePoolGradient(
            int n, Pooling shape, Buffer dy, Activation activation, @Nullable Buffer before, Buffer dx);

    /**
     * Transposes each example's matrix: from channels first to channels last and back.
     *
     * @param n examples
     * @param rows of an example of x
     * @param columns of an example of x
     * @param x n x rows x columns
     * @param y n x columns x rows; not x
     */
    void transpose(int n, int rows, int columns, Buffer x, Buffer y);
}
