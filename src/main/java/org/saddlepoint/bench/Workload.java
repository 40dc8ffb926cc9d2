package org.saddlepoint.bench;

import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.util.List;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.model.Architectures;
import org.saddlepoint.model.Conv2d;
import org.saddlepoint.model.Layer;
import org.saddlepoint.model.Model;
import org.saddlepoint.model.Shape;

/**
 * A training workload: inputs in [0,1] of MNIST's shape, 10 classes, L-inf PGD from a random start, Adam 0.001,
 * cross-entropy.
 *
 * @param name such as {@code W1}
 * @param model what is trained
 * @param batchSize examples of a weight update
 * @param attack against what
 */
public record Workload(String name, Model model, int batchSize, Pgd attack) {
    private static final Shape IMAGE = Shape.of(1, 28, 28);

    /** The workloads there are: W4 and W5 are the network of Madry et al. (2018). */
    public static final List<Workload> ALL = List.of(
            new Workload(
                    "W1",
                    Model.sequential(dense(784, 128), relu(), dense(128, 10)),
                    32,
                    Pgd.linf(0.031).steps(4).stepSize(1 / 255.0).build()),
            new Workload(
                    "W2",
                    Model.sequential(dense(784, 128), relu(), dense(128, 10)),
                    256,
                    Pgd.linf(0.3).steps(10).stepSize(0.03).build()),
            new Workload(
                    "W3",
                    Model.sequential(dense(784, 512), relu(), dense(512, 256), relu(), dense(256, 10)),
                    128,
                    Pgd.linf(0.3).steps(40).stepSize(0.01).build()),
            new Workload(
                    "W4",
                    Architectures.madryCnn(IMAGE, 10),
                    50,
                    Pgd.linf(0.3).steps(40).stepSize(0.01).build()),
            new Workload(
                    "W5",
                    Architectures.madryCnn(IMAGE, 10),
                    128,
                    Pgd.linf(0.3).steps(7).stepSize(0.1).build()));

    /**
     * Floating-point operations that one sample needs: 4 K M for K attack steps, and 4 M + 2 (M - M1) for the weight update,
     * with M the multiply-adds of a forward pass and M1 those of its first layer. Activations, steps and the optimizer are
     * not counted.
     *
     * @return operations, a multiply-add counted as two
     */
    public long flopPerSample() {
        long m = 0;
        long first = 0;
        Shape shape = model.input();
        for (Layer layer : model.layers()) {
            if (layer instanceof Layer.Dense || layer instanceof Conv2d) {
                long here = layer.flops(shape) / 2;
                first = m == 0 ? here : first;
                m += here;
            }
            shape = layer.output(shape);
        }
        return 4L * attack.steps() * m + 4 * m + 2 * (m - first);
    }
}
