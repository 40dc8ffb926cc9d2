package org.saddlepoint.data;

import java.util.Arrays;

/**
 * What can be known of a data set without loading it.
 *
 * @param name as it was asked for
 * @param shape of one example, such as {1, 28, 28}; the array itself
 * @param classes the number of classes: known for a name, the largest label + 1 for files
 * @param trainSize examples to train on
 * @param testSize examples to evaluate on
 */
@SuppressWarnings("ArrayRecordComponent") // an answer, compared by nobody
public record DatasetInfo(String name, int[] shape, int classes, int trainSize, int testSize) {
    /**
     * Values per example.
     *
     * @return the product of the shape
     */
    public int features() {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }
}
