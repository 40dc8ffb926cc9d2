package org.saddlepoint.peers;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/** The backward pass as matrix products into buffers that are planned once; autograd is off throughout. */
final class TorchByHand extends TorchSession {
    private final List<Tensor> outputs = new ArrayList<>();
    private final List<Tensor> gradients = new ArrayList<>();
    private final List<Tensor> weightGradients = new ArrayList<>();
    private final List<Tensor> biasGradients = new ArrayList<>();
    private final Tensor inputGradient;
    private final Tensor probabilities;
    private final Tensor oneHot;
    private final Tensor column;
    private final Scalar nothing = new Scalar(0.0f);

    TorchByHand(Workload workload) {
        super(workload);
        long batch = workload.batch();
        for (int i = 0; i < layers; i++) {
            outputs.add(torch.zeros(batch, workload.widths().get(i + 1)));
            gradients.add(torch.zeros(batch, workload.widths().get(i + 1)));
            weightGradients.add(torch.zeros_like(weights.get(i)));
            biasGradients.add(torch.zeros_like(biases.get(i)));
        }
        inputGradient = torch.zeros(batch, Synthetic.FEATURES);
        probabilities = torch.zeros(batch, Synthetic.CLASSES);
        oneHot = torch.zeros(batch, Synthetic.CLASSES);
        column = torch.zeros(new long[] {batch, 1}, new TensorOptions(torch.ScalarType.Long));
    }

    private void forward() {
        Tensor h = x;
        for (int i = 0; i < layers; i++) {
            Tensor y = outputs.get(i);
            torch.addmm_out(y, biases.get(i), h, weights.get(i).t());
            if (i + 1 < layers) {
                torch.relu_(y);
            }
            h = y;
        }
        torch.softmax_out(probabilities, h, 1);
    }

    /** The gradients before each activation, down to the first layer's. */
    private void backward() {
        torch.sub_out(gradients.get(layers - 1), probabilities, oneHot);
        for (int i = layers - 1; i > 0; i--) {
            Tensor below = gradients.get(i - 1);
            torch.mm_out(below, gradients.get(i), weights.get(i));
            torch.threshold_backward_out(below, below, outputs.get(i - 1), nothing);
        }
    }

    @Override
    void perturbAndUpdate() {
        try (NoGradGuard guard = new NoGradGuard()) {
            torch.unsqueeze_copy_out(column, targets, 1);
            oneHot.zero_().scatter_(1, column, new Scalar(1.0f));
            for (int k = 0; k < workload.steps(); k++) {
                forward();
                backward();
                torch.mm_out(inputGradient, gradients.get(0), weights.get(0));
                step(inputGradient);
            }
            forward();
            loss.copy_(torch.cross_entropy(outputs.get(layers - 1), targets));
            backward();
            for (int i = 0; i < layers; i++) {
                Tensor gradient = gradients.get(i).div_(new Scalar((float) workload.batch()));
                torch.mm_out(weightGradients.get(i), gradient.t(), i == 0 ? x : outputs.get(i - 1));
                torch.sum_out(biasGradients.get(i), gradient, 0);
                weights.get(i).mutable_grad().put(weightGradients.get(i));
                biases.get(i).mutable_grad().put(biasGradients.get(i));
            }
            optimizer.step();
        }
    }
}
