package org.saddlepoint.format;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/** Content that may or may not be gzipped. */
public final class Gzip {
    private Gzip() {}

    /**
     * The plain content of a stream, gzipped or not, as its first two bytes tell.
     *
     * @param in at its beginning
     * @return its content; a broken gzip stream shows while reading, as ZipException or EOFException
     * @throws IOException where the beginning cannot be read
     */
    public static InputStream plain(InputStream in) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(in, 1 << 16);
        buffered.mark(2);
        int first = buffered.read();
        int second = buffered.read();
        buffered.reset();
        return first == 0x1f && second == 0x8b ? new GZIPInputStream(buffered, 1 << 16) : buffered;
    }
}
