package org.saddlepoint.data;

import java.util.Comparator;
import java.util.List;

/** A data set's name that is neither known nor an existing path. The message suggests the nearest name. */
public final class UnknownDatasetException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    UnknownDatasetException(String name, List<String> known) {
        super("unknown data set \"" + name + "\"" + suggestion(name, known) + ": expected one of "
                + String.join(", ", known) + ", or an existing directory of IDX files or .npz file");
    }

    private static String suggestion(String name, List<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(candidate -> EditDistance.between(name, candidate)))
                // Further away it is no typing error.
                .filter(candidate -> EditDistance.between(name, candidate) <= Math.max(2, candidate.length() / 3))
                .map(candidate -> " (did you mean " + candidate + "?)")
                .orElse("");
    }
}
