package org.saddlepoint.peers;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/** The backward pass as products into buffers that are planned once; autograd is off throughout. */
final class TorchByHand extends TorchSession {
    /** Of the first layers. */
    private final List<TorchConvolution> convolutions = new ArrayList<>();

    private final List<Tensor> outputs = new ArrayList<>();
    private final List<Tensor> gradients = new ArrayList<>();
    private final List<Tensor> weightGradients = new ArrayList<>();
    private final List<Tensor> biasGradients = new ArrayList<>();
    private final Tensor inputGradient;
    private final Tensor probabilities;
    private final Tensor oneHot;
    private final Tensor column;
    private final Scalar nothing = new Scalar(0.0f);
    private final Scalar batchSize;

    TorchByHand(Workload workload) {
        super(workload);
        long batch = workload.batch();
        batchSize = new Scalar((float) batch);
        int side = Synthetic.SIDE;
        for (int i = 0; i < layers; i++) {
            Workload.Layer layer = workload.layers().get(i);
            if (layer.convolution()) {
                TorchConvolution convolution = new TorchConvolution(weights.get(i), biases.get(i), batch, side);
                convolutions.add(convolution);
                outputs.add(convolution.outputRows);
                side /= Workload.POOL;
            } else {
                outputs.add(torch.zeros(batch, layer.out()));
            }
            gradients.add(torch.zeros_like(outputs.get(i)));
            weightGradients.add(torch.zeros_like(weights.get(i)));
            biasGradients.add(torch.zeros_like(biases.get(i)));
        }
        inputGradient = torch.zeros(batch, Synthetic.FEATURES);
        probabilities = torch.zeros(batch, Synthetic.CLASSES);
        oneHot = torch.zeros(batch, Synthetic.CLASSES);
        column = torch.zeros(new long[] {batch, 1}, new TensorOptions(torch.ScalarType.Long));
    }

    private void forward() {
        Tensor images = workload.convolutional() ? images(x, Synthetic.SIDE) : x;
        for (TorchConvolution convolution : convolutions) {
            images = convolution.forward(images);
        }
        for (int i = convolutions.size(); i < layers; i++) {
            Tensor y = outputs.get(i);
            torch.addmm_out(y, biases.get(i), below(i), weights.get(i).t());
            if (i + 1 < layers) {
                torch.relu_(y);
            }
        }
        torch.softmax_out(probabilities, outputs.get(layers - 1), 1);
    }

    /** What a dense layer multiplies. */
    private Tensor below(int layer) {
        return layer == 0 ? x : outputs.get(layer - 1);
    }

    /** The gradients before each activation, down to the first layer's. */
    private void backward() {
        torch.sub_out(gradients.get(layers - 1), probabilities, oneHot);
        for (int i = layers - 1; i > 0; i--) {
            boolean convolution = i < convolutions.size();
            Tensor below = convolution ? convolutions.get(i).inputGradient() : gradients.get(i - 1);
            if (!convolution) {
                torch.mm_out(below, gradients.get(i), weights.get(i));
            }
            if (i - 1 < convolutions.size()) {
                convolutions.get(i - 1).backward(below);
            } else {
                torch.threshold_backward_out(below, below, outputs.get(i - 1), nothing);
            }
        }
    }

    @Override
    void perturbAndUpdate() {
        try (NoGradGuard guard = new NoGradGuard()) {
            torch.unsqueeze_copy_out(column, targets, 1);
            oneHot.zero_().scatter_(1, column, new Scalar(1.0f));
            for (int k = 0; k < workload.steps(); k++) {
                try (PointerScope scope = new PointerScope()) {
                    forward();
                    backward();
                    attackStep();
                }
            }
            forward();
            loss.copy_(torch.cross_entropy(outputs.get(layers - 1), targets));
            backward();
            for (int i = 0; i < layers; i++) {
                weightGradient(i);
                weights.get(i).mutable_grad().put(weightGradients.get(i));
                biases.get(i).mutable_grad().put(biasGradients.get(i));
            }
            optimizer.step();
        }
    }

    private void attackStep() {
        if (convolutions.isEmpty()) {
            torch.mm_out(inputGradient, gradients.get(0), weights.get(0));
            step(inputGradient);
        } else {
            step(convolutions.get(0).inputGradient().view(x.size(0), x.size(1)));
        }
    }

    private void weightGradient(int i) {
        if (i < convolutions.size()) {
            T_TensorTensorTensor_T both = convolutions.get(i).weightGradients();
            torch.div_out(weightGradients.get(i), both.get1(), batchSize);
            torch.div_out(biasGradients.get(i), both.get2(), batchSize);
        } else {
            Tensor gradient = gradients.get(i).div_(batchSize);
            torch.mm_out(weightGradients.get(i), gradient.t(), below(i));
            torch.sum_out(biasGradients.get(i), gradient, 0);
        }
    }
}
