package org.saddlepoint.peers;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Gradients by autograd; inside the attack of the input alone. */
final class TorchAutograd extends TorchSession {
    TorchAutograd(Workload workload) {
        super(workload);
    }

    private Tensor lossOf(Tensor input) {
        Tensor h = workload.convolutional() ? images(input, Synthetic.SIDE) : input;
        for (int i = 0; i < layers; i++) {
            if (workload.layers().get(i).convolution()) {
                Tensor y = TorchConvolution.convolve(h, weights.get(i), new TensorOptional(biases.get(i)));
                h = TorchConvolution.pool(torch.relu_(y));
            } else {
                h = torch.linear(h.dim() == 4 ? rows(h) : h, weights.get(i), biases.get(i));
                h = i + 1 < layers ? torch.relu(h) : h;
            }
        }
        return torch.cross_entropy(h, targets);
    }

    @Override
    void perturbAndUpdate() {
        for (int k = 0; k < workload.steps(); k++) {
            try (PointerScope scope = new PointerScope()) {
                x.set_requires_grad(true);
                TensorVector gradient = torch.grad(new TensorVector(lossOf(x)), new TensorVector(x));
                x.set_requires_grad(false);
                try (NoGradGuard guard = new NoGradGuard()) {
                    step(gradient.get(0));
                }
            }
        }
        optimizer.zero_grad();
        Tensor total = lossOf(x);
        total.backward();
        optimizer.step();
        try (NoGradGuard guard = new NoGradGuard()) {
            loss.copy_(total);
        }
    }
}
