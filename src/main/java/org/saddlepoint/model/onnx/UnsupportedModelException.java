package org.saddlepoint.model.onnx;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** A well-formed file of a network that cannot be taken over. The message has a line for each reason under a heading. */
public final class UnsupportedModelException extends IOException {
    private static final long serialVersionUID = 1L;

    /** More than anyone reads; a file may have thousands. */
    private static final int SHOWN = 100;

    /**
     * Creates the exception.
     *
     * @param file that was read
     * @param reasons one line each, at least one; the first hundred are shown
     */
    public UnsupportedModelException(Path file, List<String> reasons) {
        super(file + " cannot be taken over, for " + (reasons.size() == 1 ? "this reason" : "these reasons") + ":\n"
                + reasons.stream().limit(SHOWN).map(reason -> "  " + reason).collect(Collectors.joining("\n"))
                + (reasons.size() > SHOWN ? "\n  and " + (reasons.size() - SHOWN) + " more" : ""));
    }
}
