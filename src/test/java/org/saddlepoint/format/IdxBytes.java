package org.saddlepoint.format;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.GZIPOutputStream;

/** Makes small IDX files for tests. */
public final class IdxBytes {
    private IdxBytes() {}

    /** An IDX file of unsigned bytes; shape and values need not fit. */
    public static byte[] of(int[] shape, byte[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * shape.length + values.length);
        bytes.put(new byte[] {0, 0, 8, (byte) shape.length});
        for (int size : shape) {
            bytes.putInt(size);
        }
        return bytes.put(values).array();
    }

    public static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }
}
