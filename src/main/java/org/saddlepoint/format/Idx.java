package org.saddlepoint.format;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipException;

/**
 * An array of unsigned bytes in the IDX format of MNIST, plain or gzipped (told apart by the first two bytes): two zero
 * bytes, type 8, the number of dimensions (1 for labels, 3 for images), each dimension as a big-endian int, the values.
 *
 * <p>Memory: values are read as they come, never allocated from the header's claim alone, and at most
 * {@link #MAX_BYTES} of them, so a small gzip file that inflates without end is refused.
 */
public final class Idx {
    /** The most values that are read: more than five times MNIST's 47 million. */
    public static final int MAX_BYTES = 1 << 28;

    private static final int UNSIGNED_BYTE = 8;
    private static final int MAX_DIMENSIONS = 4;

    private final int[] shape;
    private final byte[] values;

    private Idx(int[] shape, byte[] values) {
        this.shape = shape;
        this.values = values;
    }

    /**
     * The dimensions.
     *
     * @return a copy, such as {60000, 28, 28}
     */
    public int[] shape() {
        return shape.clone();
    }

    /**
     * The values.
     *
     * @return the array itself, row-major, each an unsigned byte
     */
    public byte[] values() {
        return values;
    }

    /**
     * Reads a file.
     *
     * @param file plain or gzipped
     * @return its array
     * @throws MalformedFileException where the file is not IDX, is cut short or goes on after its last value
     * @throws IOException where the file cannot be read
     */
    public static Idx read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, file.toString());
        }
    }

    /**
     * Reads a stream to its end.
     *
     * @param in plain or gzipped; not closed
     * @param name how messages call it
     * @return its array
     * @throws MalformedFileException where the bytes are not IDX, are cut short or go on after the last value
     * @throws IOException where the stream cannot be read
     */
    public static Idx read(InputStream in, String name) throws IOException {
        try {
            InputStream plain = Gzip.plain(in);
            int[] shape = header(plain, name);
            int claimed = (int) Shapes.elements(shape);
            byte[] values = plain.readNBytes(claimed);
            if (values.length < claimed) {
                throw new MalformedFileException(name + ": cut short: the header says " + Shapes.text(shape) + " = "
                        + claimed + " values, the file holds " + values.length);
            }
            if (plain.read() >= 0) {
                throw new MalformedFileException(
                        name + ": goes on after its " + claimed + " values (" + Shapes.text(shape) + ")");
            }
            return new Idx(shape, values);
        } catch (ZipException | EOFException e) {
            throw new MalformedFileException(name + ": broken gzip: " + e.getMessage(), e);
        }
    }

    /**
     * Reads the dimensions alone.
     *
     * @param file plain or gzipped
     * @return the dimensions that the header claims
     * @throws MalformedFileException where the header is not IDX
     * @throws IOException where the file cannot be read
     */
    public static int[] readShape(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return header(Gzip.plain(in), file.toString());
        } catch (ZipException | EOFException e) {
            throw new MalformedFileException(file + ": broken gzip: " + e.getMessage(), e);
        }
    }

    private static int[] header(InputStream in, String name) throws IOException {
        byte[] magic = in.readNBytes(4);
        if (magic.length < 4 || magic[0] != 0 || magic[1] != 0) {
            throw new MalformedFileException(name + ": not an IDX file: it does not begin with two zero bytes");
        }
        int dimensions = magic[3];
        if (magic[2] != UNSIGNED_BYTE || dimensions < 1 || dimensions > MAX_DIMENSIONS) {
            throw new MalformedFileException(name + ": IDX of type " + magic[2] + " with " + dimensions
                    + " dimensions; can read type 8 (unsigned bytes) with 1 to " + MAX_DIMENSIONS);
        }
        byte[] sizes = in.readNBytes(dimensions * Integer.BYTES);
        if (sizes.length < dimensions * Integer.BYTES) {
            throw new MalformedFileException(name + ": cut short inside its header");
        }
        int[] shape = new int[dimensions];
        ByteBuffer.wrap(sizes).asIntBuffer().get(shape);
        long elements = Shapes.elements(shape);
        if (elements < 0 || elements > MAX_BYTES) {
            throw new MalformedFileException(name + ": absurd dimensions " + Shapes.text(shape) + ", at most "
                    + MAX_BYTES + " values can be read");
        }
        return shape;
    }
}
