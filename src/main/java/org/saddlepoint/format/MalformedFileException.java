package org.saddlepoint.format;

import java.io.IOException;

/** A file that is not what its format says: one line naming the file, what was found, and what would be right. */
public final class MalformedFileException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message one line: the file, what was found, what was expected
     */
    public MalformedFileException(String message) {
        super(message);
    }

    /**
     * Creates the exception with its cause.
     *
     * @param message one line: the file, what was found, what was expected
     * @param cause the error underneath
     */
    public MalformedFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
