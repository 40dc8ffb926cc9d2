package org.saddlepoint.train;

/** Training cannot go on: the loss is not a number, or the weights are not. */
public final class TrainingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message what happened and what to try
     */
    public TrainingException(String message) {
        super(message);
    }
}
