package org.saddlepoint.data;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;

/** A source that does not answer, or not with what was asked for: the next one is tried. */
final class SourceException extends IOException {
    private static final long serialVersionUID = 1L;

    SourceException(String reason) {
        super(reason);
    }

    private SourceException(String reason, Throwable cause) {
        super(reason, cause);
    }

    /** Something that reads from a source. */
    interface Reading<T> {
        T run() throws IOException;
    }

    /** Runs what reads from a source, so that its failures are told from failures to write; an interrupt is neither. */
    static <T> T reading(Reading<T> reading) throws SourceException, InterruptedIOException {
        try {
            return reading.run();
        } catch (SourceException e) {
            throw e;
        } catch (UnknownHostException e) {
            throw new SourceException("unknown host " + e.getMessage(), e);
        } catch (SocketTimeoutException e) {
            throw new SourceException("no answer in time (" + e.getMessage() + ")", e);
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new SourceException(message.lines().findFirst().orElse("failed"), e);
        }
    }
}
