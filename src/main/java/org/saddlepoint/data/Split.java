package org.saddlepoint.data;

import java.util.List;

/**
 * A data set in its two published parts.
 *
 * @param train to train on
 * @param test to evaluate on, never to choose a model by
 * @param notes what was decided or changed in reading them, a line each, such as how many values were clipped
 */
public record Split(Dataset train, Dataset test, List<String> notes) {
    /** Keeps the notes from being changed. */
    public Split {
        notes = List.copyOf(notes);
    }

    /**
     * Two parts with nothing to say about them.
     *
     * @param train to train on
     * @param test to evaluate on
     */
    public Split(Dataset train, Dataset test) {
        this(train, test, List.of());
    }
}
