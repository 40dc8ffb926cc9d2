package org.saddlepoint.peers;

import java.util.ArrayList;
import java.util.List;

/**
 * One training job: ReLU between layers, cross-entropy, Adam 0.001, every batch attacked by PGD in the L-inf ball from a
 * random start; its last iterate is trained on.
 *
 * @param name short
 * @param layers from input to classes: convolutions, if any, before dense ones
 * @param batch examples of a weight update
 * @param steps of the attack
 * @param epsilon its radius
 * @param stepSize its step
 */
public record Workload(String name, List<Layer> layers, int batch, int steps, double epsilon, double stepSize) {
    /**
     * A dense layer, or a convolution of {@link #KERNEL} x {@link #KERNEL} that keeps the image's size, with ReLU and max
     * pooling by {@link #POOL} after it.
     *
     * @param convolution or dense
     * @param in features or channels
     * @param out features or channels
     */
    public record Layer(boolean convolution, int in, int out) {
        /**
         * Values that one output is computed from.
         *
         * @return their number
         */
        public int fanIn() {
            return convolution ? in * KERNEL * KERNEL : in;
        }
    }

    /** Side of a convolution's window. */
    public static final int KERNEL = 5;

    /** Zeros on each side of an image: its size stays as it is. */
    public static final int PADDING = KERNEL / 2;

    /** Side and stride of the max pooling after a convolution. */
    public static final int POOL = 2;

    private static final List<Layer> SMALL = dense(784, 128, 10);
    private static final List<Layer> LARGE = dense(784, 512, 256, 10);

    /** The MNIST network of Madry et al. (2018). */
    private static final List<Layer> MADRY = List.of(
            new Layer(true, 1, 32), new Layer(true, 32, 64), new Layer(false, 3136, 1024), new Layer(false, 1024, 10));

    /** All workloads. */
    public static final List<Workload> ALL = List.of(
            new Workload("W1", SMALL, 32, 4, 0.031, 1.0 / 255),
            new Workload("W2", SMALL, 256, 10, 0.3, 0.03),
            new Workload("W3", LARGE, 128, 40, 0.3, 0.01),
            new Workload("W4", MADRY, 50, 40, 0.3, 0.01),
            new Workload("W5", MADRY, 128, 7, 0.3, 0.1));

    /** Adam's learning rate. */
    public static final double LEARNING_RATE = 0.001;

    private static List<Layer> dense(int... widths) {
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i + 1 < widths.length; i++) {
            layers.add(new Layer(false, widths[i], widths[i + 1]));
        }
        return List.copyOf(layers);
    }

    /**
     * The workload of a name.
     *
     * @param name such as W1
     * @return it
     */
    public static Workload named(String name) {
        return ALL.stream().filter(one -> one.name.equals(name)).findFirst().orElseThrow();
    }

    /**
     * Whether the network takes images, and begins with convolutions.
     *
     * @return whether
     */
    public boolean convolutional() {
        return layers.get(0).convolution();
    }

    /**
     * Examples that are trained on: as many of {@link Synthetic#SIZE} as make whole batches.
     *
     * @return their number
     */
    public int examples() {
        return Synthetic.SIZE - Synthetic.SIZE % batch;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(name).append(": ").append(Synthetic.FEATURES);
        for (Layer layer : layers) {
            text.append(layer.convolution() ? "-" + KERNEL + "x" + KERNEL + "x" : "-")
                    .append(layer.out());
        }
        return text + ", batch " + batch + ", " + steps + " steps";
    }
}
