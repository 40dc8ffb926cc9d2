package org.saddlepoint.data;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Finds one plain file in a tar stream. Nothing is unpacked, so no name in the archive can lead anywhere. */
final class Tar {
    /** Headers and content are padded to blocks of this. */
    private static final int BLOCK = 512;

    private Tar() {}

    /** Opens the file of that name, content alone; closing it closes the archive, as does not finding it. */
    static InputStream open(InputStream tar, String name) throws IOException {
        try {
            byte[] header = tar.readNBytes(BLOCK);
            while (header.length == BLOCK && header[0] != 0) {
                long size = size(header);
                if (text(header, 0, 100).equals(name)) {
                    return new Part(tar, size);
                }
                tar.skipNBytes((size + BLOCK - 1) / BLOCK * BLOCK);
                header = tar.readNBytes(BLOCK);
            }
            throw new SourceException("the archive has no " + name);
        } catch (IOException e) {
            tar.close();
            throw e;
        }
    }

    private static long size(byte[] header) throws SourceException {
        String octal = text(header, 124, 12).strip();
        if (!octal.matches("[0-7]{1,11}")) {
            throw new SourceException(
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
