package org.saddlepoint.peers;

import java.util.List;

/**
 * One training job: dense layers with ReLU between them, cross-entropy, Adam 0.001, every batch attacked by PGD in the
 * L-inf ball from a random start; its last iterate is trained on.
 *
 * @param name short
 * @param widths from input to classes
 * @param batch examples of a weight update
 * @param steps of the attack
 * @param epsilon its radius
 * @param stepSize its step
 */
public record Workload(String name, List<Integer> widths, int batch, int steps, double epsilon, double stepSize) {
    /** All workloads. */
    public static final List<Workload> ALL = List.of(
            new Workload("W1", List.of(784, 128, 10), 32, 4, 0.031, 1.0 / 255),
            new Workload("W2", List.of(784, 128, 10), 256, 10, 0.3, 0.03),
            new Workload("W3", List.of(784, 512, 256, 10), 128, 40, 0.3, 0.01));

    /** Adam's learning rate. */
    public static final double LEARNING_RATE = 0.001;

    /**
     * The workload of a name.
     *
     * @param name W1, W2 or W3
     * @return it
     */
    public static Workload named(String name) {
        return ALL.stream().filter(one -> one.name.equals(name)).findFirst().orElseThrow();
    }

    /**
     * Dense layers.
     *
     * @return how many
     */
    public int layers() {
        return widths.size() - 1;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(name).append(": ");
        for (int width : widths) {
            text.append(width).append('-');
        }
        text.setLength(text.length() - 1);
        return text + ", batch " + batch + ", " + steps + " steps";
    }
}
