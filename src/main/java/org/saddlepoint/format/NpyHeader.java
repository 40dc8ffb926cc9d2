package org.saddlepoint.format;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The header of an npy array: magic, version, length, and a Python dictionary padded so that the values begin at a
 * multiple of 64.
 *
 * @param type that values are kept in
 * @param valueBytes bytes of one value in the file: 2 for float16, which is kept as float32
 * @param order of the bytes of one value
 * @param shape dimensions that hold at most 2^31 - 1 values
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">the format</a>
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier between two files, compared by nobody
record NpyHeader(NpyType type, int valueBytes, ByteOrder order, int[] shape) {
    /** Longer headers describe structured types, which are not read. */
    static final int MAX_LENGTH = 1 << 14;

    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int ALIGNMENT = 64;

    // Simple values only; a structured type's descr is a list, which the first pattern does not match.
    private static final Pattern DESCR =
            Pattern.compile("['\"]descr['\"]\\s*:\\s*['\"]([<>|=])([a-zA-Z]\\d{1,4})['\"]");
    private static final Pattern ORDER = Pattern.compile("['\"]fortran_order['\"]\\s*:\\s*(True|False)");
    private static final Pattern SHAPE = Pattern.compile("['\"]shape['\"]\\s*:\\s*\\(([\\d,\\s]*)\\)");

    /** The number of values. */
    int elements() {
        return (int) Shapes.elements(shape);
    }

    /** Reads from an array's beginning up to its first value. */
    static NpyHeader read(InputStream in, String where) throws IOException {
        byte[] start = in.readNBytes(8);
        if (start.length < 8 || !Arrays.equals(start, 0, 6, MAGIC, 0, 6)) {
            throw new MalformedFileException(where + ": not an npy array: its first bytes are not \\x93NUMPY");
        }
        int version = start[6];
        if (version < 1 || version > 3) {
            throw new MalformedFileException(where + ": npy version " + version + ", can read 1 to 3");
        }
        byte[] size = in.readNBytes(version == 1 ? 2 : 4);
        long length = 0;
        for (int i = size.length - 1; i >= 0; i--) {
            length = (length << 8) | (size[i] & 0xff);
        }
        if (length > MAX_LENGTH) {
            throw new MalformedFileException(
                    where + ": npy header of " + length + " bytes, can read at most " + MAX_LENGTH);
        }
        byte[] text = in.readNBytes((int) length);
        if (text.length < length) {
            throw new MalformedFileException(where + ": cut short inside its header");
        }
        return parse(new String(text, StandardCharsets.UTF_8), where);
    }

    private static NpyHeader parse(String text, String where) throws MalformedFileException {
        Matcher descr = DESCR.matcher(text);
        Matcher order = ORDER.matcher(text);
        Matcher shape = SHAPE.matcher(text);
        if (!descr.find() || !order.find() || !shape.find()) {
            throw new MalformedFileException(
                    where + ": npy header " + Shapes.shown(text) + " is not of a plain array of numbers");
        }
        String code = descr.group(2);
        NpyType type = code.equals("f2") ? NpyType.FLOAT32 : known(code);
        if (type == null) {
            throw new MalformedFileException(
                    where + ": values of type " + descr.group(1) + code + ", can read f2, f4, f8, u1, i1, i4, i8, b1");
        }
        int[] sizes = sizes(shape.group(1));
        if (sizes == null || sizes.length > Shapes.MAX_RANK || Shapes.elements(sizes) < 0) {
            throw new MalformedFileException(where + ": absurd shape (" + Shapes.shown(shape.group(1)) + ")");
        }
        // With one dimension or less both orders are the same.
        if (order.group(1).equals("True")
                && Arrays.stream(sizes).filter(n -> n != 1).count() > 1) {
            throw new MalformedFileException(
                    where + ": stored in Fortran order, save numpy.ascontiguousarray(array) instead");
        }
        // "=" is the byte order of the writing machine, and no big-endian machine runs this.
        ByteOrder bytes = descr.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        return new NpyHeader(type, code.charAt(1) - '0', bytes, sizes);
    }

    private static int @Nullable [] sizes(String text) {
        try {
            return Arrays.stream(text.split(","))
                    .map(String::strip)
                    .filter(size -> !size.isEmpty())
                    .mapToInt(Integer::parseInt)
                    .toArray();
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static @Nullable NpyType known(String code) {
        for (NpyType type : NpyType.values()) {
            if (type.code().equals(code)) {
                return type;
            }
        }
        return null;
    }

    /** Writes version 1, as NumPy itself does. */
    static void write(NpyArray array, OutputStream out) throws IOException {
        String sizes =
                Arrays.stream(array.shape()).mapToObj(size -> size + ", ").collect(Collectors.joining());
        String dictionary = "{'descr': '" + (array.type().bytes() == 1 ? "|" : "<")
                + array.type().code() + "', 'fortran_order': False, 'shape': (" + sizes.stripTrailing() + "), }";
        int unpadded = MAGIC.length + 4 + dictionary.length() + 1;
        int padding = -unpadded & (ALIGNMENT - 1);
        String text = dictionary + " ".repeat(padding) + "\n";
        out.write(MAGIC);
        out.write(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 1)
                .put((byte) 0)
                .putShort((short) text.length())
                .array());
        out.write(text.getBytes(StandardCharsets.US_ASCII));
    }
}
