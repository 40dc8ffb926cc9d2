package org.saddlepoint.device;

/** Something failed on a device: the message says which operation it was, and the device's own name for the failure. */
public final class DeviceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean reopen;

    /**
     * Creates the exception.
     *
     * @param message what failed, and how
     * @param reopen whether the device is of no use any more
     */
    public DeviceException(String message, boolean reopen) {
        super(message);
        this.reopen = reopen;
    }

    /**
     * Whether the device is of no use any more: close it, with all that lives on it, and open it again.
     *
     * @return false where only the one operation failed
     */
    public boolean mustReopen() {
        return reopen;
    }
}
