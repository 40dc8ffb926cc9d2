package org.saddlepoint.data;

import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.format.MalformedFileException;

/** The files of a tar stream, one after another. Nothing is unpacked, so no name in the archive can lead anywhere. */
final class Tar implements Closeable {
    /** Headers and content are padded to blocks of this. */
    private static final int BLOCK = 512;

    /** More than CIFAR's 184 MB in all: a gzip bomb ends here. */
    private static final long MAX_BYTES = 1L << 30;

    private final InputStream tar;
    private Part content;
    private long padding;
    private long read;

    /** Takes over a stream at its beginning, not gzipped. */
    Tar(InputStream tar) {
        this.tar = tar;
        this.content = new Part(tar, 0);
    }

    /** Goes to the next file, passing over what is left of this one: its name, or null at the end. */
    @Nullable
    String next() throws IOException {
        tar.skipNBytes(content.left + padding);
        byte[] header = tar.readNBytes(BLOCK);
        if (header.length < BLOCK || header[0] == 0) {
            return null;
        }
        long size = size(header);
        read += BLOCK + size;
        if (read > MAX_BYTES) {
            throw new MalformedFileException("the archive holds more than " + MAX_BYTES + " bytes");
        }
        content = new Part(tar, size);
        padding = -size & (BLOCK - 1);
        return text(header, 0, 100);
    }

    /** The size of the current file, as its header claims it. */
    long size() {
        return content.left;
    }

    /** The current file's content, to be read before {@link #next()}; closing it closes the archive. */
    InputStream content() {
        return content;
    }

    @Override
    public void close() throws IOException {
        tar.close();
    }

    /** Opens the file of that name, content alone; closing it closes the archive, as does not finding it. */
    static InputStream open(InputStream stream, String name) throws IOException {
        Tar tar = new Tar(stream);
        try {
            for (String at = tar.next(); at != null; at = tar.next()) {
                if (at.equals(name)) {
                    return tar.content();
                }
            }
            throw new SourceException("the archive has no " + name);
        } catch (IOException e) {
            tar.close();
            throw e;
        }
    }

    private static long size(byte[] header) throws MalformedFileException {
        String octal = text(header, 124, 12).strip();
        if (!octal.matches("[0-7]{1,11}")) {
            throw new MalformedFileException(
                    "the archive is no tar file: size \"" + octal.replaceAll("\\p{Cntrl}", "?") + "\"");
        }
        return Long.parseLong(octal, 8);
    }

    private static String text(byte[] header, int from, int length) {
        byte[] field = Arrays.copyOfRange(header, from, from + length);
        String text = new String(field, StandardCharsets.ISO_8859_1);
        return text.indexOf(0) < 0 ? text : text.substring(0, text.indexOf(0));
    }

    /** The next {@code left} bytes of a stream. */
    private static final class Part extends FilterInputStream {
        private long left;

        Part(InputStream in, long left) {
            super(in);
            this.left = left;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int count = super.read(bytes, from, (int) Math.min(length, left));
            left -= Math.max(count, 0);
            return count;
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
