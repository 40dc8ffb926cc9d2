package org.saddlepoint.oracle;

/** An oracle answered what is no answer. */
public final class OracleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * An answer that cannot be used.
     *
     * @param message what was wrong, the value received, what would be right
     */
    public OracleException(String message) {
        super(message);
    }
}
