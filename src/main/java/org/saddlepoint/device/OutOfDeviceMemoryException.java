package org.saddlepoint.device;

/** A device's memory is exhausted: the message says how much was asked for. */
public final class OutOfDeviceMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message how much was asked for, and what is there
     * @param cause the error underneath
     */
    public OutOfDeviceMemoryException(String message, Throwable cause) {
        super(message, cause);
    }
}
