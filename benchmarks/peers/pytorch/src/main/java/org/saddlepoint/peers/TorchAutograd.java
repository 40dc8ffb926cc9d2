package org.saddlepoint.peers;

import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Gradients by autograd; inside the attack of the input alone. */
final class TorchAutograd extends TorchSession {
    TorchAutograd(Workload workload) {
        super(workload);
    }

    private Tensor lossOf(Tensor input) {
        Tensor h = input;
        for (int i = 0; i < layers; i++) {
            h = torch.linear(h, weights.get(i), biases.get(i));
            if (i + 1 < layers) {
                h = torch.relu(h);
            }
        }
        return torch.cross_entropy(h, targets);
    }

    @Override
    void perturbAndUpdate() {
        for (int k = 0; k < workload.steps(); k++) {
            x.set_requires_grad(true);
            TensorVector gradient = torch.grad(new TensorVector(lossOf(x)), new TensorVector(x));
            x.set_requires_grad(false);
            try (NoGradGuard guard = new NoGradGuard()) {
                step(gradient.get(0));
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
