package org.saddlepoint.device;

import java.util.List;
import org.saddlepoint.device.Operations.OptimizerSettings;

/**
 * Where a training stands: all that changes from one batch to the next. What a step asks of it a device may keep in its own
 * memory, so that a recorded step ({@link Replay}) repeats unchanged.
 */
public class Cursor {
    private int epoch;
    private long stepsBefore;
    private List<? extends OptimizerSettings> batches = List.of();
    private int position;
    private int batch;

    /** A cursor that has begun no epoch yet. */
    public Cursor() {}

    /**
     * A cursor that stands at one update.
     *
     * @param settings of its optimizer
     * @param step the number of the update, from 1
     * @return a cursor of one batch
     */
    public static Cursor at(OptimizerSettings settings, long step) {
        Cursor cursor = new Cursor();
        cursor.beginEpoch(0, step - 1, List.of(settings));
        return cursor;
    }

    /**
     * Goes to the start of an epoch.
     *
     * @param number of the epoch, from which random starts follow
     * @param steps updates made before it
     * @param settings of the optimizer for each of its batches
     */
    public void beginEpoch(int number, long steps, List<? extends OptimizerSettings> settings) {
        this.epoch = number;
        this.stepsBefore = steps;
        this.batches = List.copyOf(settings);
        this.position = 0;
        this.batch = 0;
    }

    /**
     * Goes on by one batch.
     *
     * @param n its examples
     */
    public void advance(int n) {
        position += n;
        batch++;
    }

    /**
     * The epoch.
     *
     * @return its number
     */
    public final int epoch() {
        return epoch;
    }

    /**
     * Examples of the epoch that lie behind.
     *
     * @return at least 0
     */
    public final int position() {
        return position;
    }

    /**
     * The number of the update at hand.
     *
     * @return from 1
     */
    public final long step() {
        return stepsBefore + batch + 1;
    }

    /**
     * What the update at hand is told.
     *
     * @return learning rate and the like
     */
    public final OptimizerSettings settings() {
        return batches.get(batch);
    }
}
