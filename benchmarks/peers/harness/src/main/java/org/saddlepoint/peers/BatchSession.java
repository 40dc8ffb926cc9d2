package org.saddlepoint.peers;

import java.util.Random;

/** A session whose library trains batch by batch, in a shuffled order, epoch after epoch. */
public abstract class BatchSession implements Session {
    private final int batch;
    private final double epsilon;
    private final Random random = new Random(1);
    private final int[] order;
    private int next;

    /**
     * For a workload.
     *
     * @param workload what is trained
     */
    protected BatchSession(Workload workload) {
        this.batch = workload.batch();
        this.epsilon = workload.epsilon();
        order = new int[workload.examples()];
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        next = order.length;
    }

    /**
     * Attacks a batch and updates the weights.
     *
     * @param indices of the examples
     */
    protected abstract void train(int[] indices);

    /**
     * The loss on the last batch's attacked examples.
     *
     * @return its mean
     */
    protected abstract double lastLoss();

    /**
     * The last batch's attacked examples.
     *
     * @return batch x features
     */
    protected abstract float[] lastInputs();

    /**
     * The originals of the last batch.
     *
     * @return batch x features
     */
    protected abstract float[] lastOriginals();

    @Override
    public Slice run(double seconds) {
        int[] indices = new int[batch];
        long samples = 0;
        double loss = 0;
        int losses = 0;
        long start = System.nanoTime();
        double elapsed = 0;
        while (elapsed < seconds) {
            if (next == order.length) {
                shuffle();
            }
            System.arraycopy(order, next, indices, 0, batch);
            next += batch;
            train(indices);
            samples += batch;
            if (samples / batch % 16 == 1) {
                loss += lastLoss();
                losses++;
            }
            elapsed = (System.nanoTime() - start) * 1e-9;
        }
        requireInside();
        return new Slice(samples, elapsed, loss / losses);
    }

    /** The attack must have used its ball and not have left ball or box. */
    private void requireInside() {
        float[] x = lastInputs();
        float[] origin = lastOriginals();
        double farthest = 0;
        for (int i = 0; i < x.length; i++) {
            if (!(x[i] >= 0 && x[i] <= 1)) {
                throw new IllegalStateException("an attacked pixel is " + x[i]);
            }
            farthest = Math.max(farthest, Math.abs(x[i] - origin[i]));
        }
        if (!(farthest <= epsilon * 1.00001 && farthest > 0.9 * epsilon)) {
            throw new IllegalStateException("the attack went " + farthest + " far, epsilon is " + epsilon);
        }
    }

    private void shuffle() {
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        next = 0;
    }
}
