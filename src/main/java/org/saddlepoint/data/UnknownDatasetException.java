package org.saddlepoint.data;

import java.util.List;

/** A data set's name that is neither known nor an existing path. The message suggests the nearest name. */
public final class UnknownDatasetException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    UnknownDatasetException(String name, List<String> known) {
        super("unknown data set \"" + name + "\"" + EditDistance.suggestion(name, known) + ": expected one of "
                + String.join(", ", known) + ", or an existing path");
    }
}
