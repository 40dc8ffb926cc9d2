package org.saddlepoint.peers;

import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.pytorch.LongArrayRefOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * A convolution with its max pooling and ReLU, forwards and backwards by hand. ReLU comes last: it commutes with the maximum,
 * and has a quarter of the values left. Images are batch x channels x height x width with the channels innermost; rows are
 * the same values, batch x all.
 */
final class TorchConvolution {
    private static final long[] STRIDE = {1, 1};
    private static final long[] PADDING = {Workload.PADDING, Workload.PADDING};
    private static final long[] DILATION = {1, 1};
    private static final long[] POOL = {Workload.POOL, Workload.POOL};
    private static final long[] NO_PADDING = {0, 0};

    /** Pooled, after ReLU. */
    final Tensor outputRows;

    private final BoolPointer ofInput = wanted(true, false);
    private final BoolPointer ofWeights = wanted(false, true);
    private final Scalar zero = new Scalar(0.0f);
    private final Tensor weight;
    private final TensorOptional bias;
    private final LongArrayRefOptional biasSize;
    private final Tensor output;
    private final Tensor maxima;
    private final Tensor pooledGradient;
    private final Tensor gradient;
    private Tensor input;
    private Tensor beforePooling;

    TorchConvolution(Tensor weight, Tensor bias, long batch, long side) {
        this.weight = weight;
        this.bias = new TensorOptional(bias);
        biasSize = new LongArrayRefOptional(bias.size(0));
        long half = side / Workload.POOL;
        outputRows = torch.zeros(batch, half * half * bias.size(0));
        output = TorchSession.images(outputRows, half);
        maxima = TorchSession.images(
                torch.zeros(new long[] {batch, outputRows.size(1)}, new TensorOptions(torch.ScalarType.Long)), half);
        pooledGradient = TorchSession.images(torch.zeros_like(outputRows), half);
        gradient = TorchSession.images(torch.zeros(batch, side * side * bias.size(0)), side);
        input = output;
        beforePooling = gradient;
    }

    /** The images after all three. */
    Tensor forward(Tensor images) {
        input = images;
        beforePooling = convolve(images, weight, bias);
        torch.max_pool2d_with_indices_out(output, maxima, beforePooling, POOL, POOL, NO_PADDING, DILATION, false);
        return torch.relu_(output);
    }

    static Tensor convolve(Tensor images, Tensor weight, TensorOptional bias) {
        return torch.conv2d(images, weight, bias, STRIDE, PADDING, DILATION, 1);
    }

    static Tensor pool(Tensor images) {
        return torch.max_pool2d(images, POOL);
    }

    /** Through ReLU and pooling. */
    void backward(Tensor outputGradient) {
        Tensor images =
                outputGradient.dim() == 4 ? outputGradient : TorchSession.images(outputGradient, output.size(2));
        torch.threshold_backward_out(pooledGradient, images, output, zero);
        torch.max_pool2d_with_indices_backward_out(
                gradient, pooledGradient, beforePooling, POOL, POOL, NO_PADDING, DILATION, false, maxima);
    }

    /** Through the convolution; after {@link #backward}. */
    Tensor inputGradient() {
        return convolutionBackward(ofInput).get0();
    }

    /** The second is the weight's, the third the bias's; after {@link #backward}. */
    T_TensorTensorTensor_T weightGradients() {
        return convolutionBackward(ofWeights);
    }

    private static BoolPointer wanted(boolean ofInput, boolean ofWeights) {
        return new BoolPointer(3).put(0, ofInput).put(1, ofWeights).put(2, ofWeights);
    }

    private T_TensorTensorTensor_T convolutionBackward(BoolPointer wanted) {
        return torch.convolution_backward(
                gradient, input, weight, biasSize, STRIDE, PADDING, DILATION, false, NO_PADDING, 1, wanted);
    }
}
