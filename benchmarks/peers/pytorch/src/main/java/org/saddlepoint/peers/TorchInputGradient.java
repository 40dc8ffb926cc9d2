package org.saddlepoint.peers;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * How many passes (forward, and backward to the input alone) PyTorch makes in a second through the library's
 * {@code cnn:small}: 4x4 stride 2 to 16 channels, the same to 32, dense 100, dense 10.
 */
public final class TorchInputGradient {
    private static final long[] STRIDE = {2, 2};
    private static final long[] PADDING = {1, 1};
    private static final long[] DILATION = {1, 1};

    private final Tensor first = weight(16, 1, 4, 4);
    private final Tensor second = weight(32, 16, 4, 4);
    private final Tensor third = weight(100, 1568);
    private final Tensor fourth = weight(10, 100);
    private final TensorOptional[] biases = {zeros(16), zeros(32), zeros(100), zeros(10)};
    private final Tensor x;
    private final Tensor labels;

    private TorchInputGradient(long batch) {
        x = torch.rand(batch, 1, 28, 28);
        labels = torch.randint(10, new long[] {batch}, new TensorOptions(torch.ScalarType.Long));
    }

    private static Tensor weight(long... shape) {
        return torch.randn(shape).mul_(new Scalar(0.1f));
    }

    private static TensorOptional zeros(long size) {
        return new TensorOptional(torch.zeros(size));
    }

    private void pass() {
        try (PointerScope scope = new PointerScope()) {
            x.set_requires_grad(true);
            Tensor h = torch.relu(torch.conv2d(x, first, biases[0], STRIDE, PADDING, DILATION, 1));
            h = torch.relu(torch.conv2d(h, second, biases[1], STRIDE, PADDING, DILATION, 1));
            h = torch.relu(torch.linear(torch.flatten(h, 1, -1), third, biases[2]));
            Tensor loss = torch.cross_entropy(torch.linear(h, fourth, biases[3]), labels);
            torch.grad(new TensorVector(loss), new TensorVector(x));
        }
    }

    /**
     * Prints passes of one example a second.
     *
     * @param arguments batch, threads, seconds
     */
    public static void main(String[] arguments) {
        long batch = Long.parseLong(arguments[0]);
        torch.set_num_threads(Integer.parseInt(arguments[1]));
        double seconds = Double.parseDouble(arguments[2]);
        Context.setFlushDenormal(true);
        TorchInputGradient network = new TorchInputGradient(batch);
        double rate = 0;
        for (int stretch = 0; stretch < 3; stretch++) { // the first two to warm up
            long started = System.nanoTime();
            long passes = 0;
            do {
                network.pass();
                passes += batch;
            } while (System.nanoTime() - started < seconds * 1e9);
            rate = passes / ((System.nanoTime() - started) * 1e-9);
        }
        System.out.printf("%.0f%n", rate);
    }
}
