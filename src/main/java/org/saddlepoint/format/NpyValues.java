package org.saddlepoint.format;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The values of an npy array, between a stream and a Java array, 64 KiB at a time. */
final class NpyValues {
    private static final int CHUNK = 1 << 16;

    private NpyValues() {}

    /** Reads as many values as the header says; the caller has checked that the stream can hold them. */
    static NpyArray read(NpyHeader header, InputStream in, String where) throws IOException {
        int count = header.elements();
        int[] shape = header.shape();
        return switch (header.type()) {
            case UINT8, INT8 -> {
                byte[] out = new byte[count];
                each(header, in, where, (chunk, at, n) -> chunk.get(out, at, n));
                yield NpyArray.ofBytes(header.type(), out, shape);
            }
            case INT32 -> {
                int[] out = new int[count];
                each(header, in, where, (chunk, at, n) -> chunk.asIntBuffer().get(out, at, n));
                yield NpyArray.of(out, shape);
            }
            case INT64 -> {
                long[] out = new long[count];
                each(header, in, where, (chunk, at, n) -> chunk.asLongBuffer().get(out, at, n));
                yield NpyArray.of(out, shape);
            }
            case FLOAT64 -> {
                double[] out = new double[count];
                each(header, in, where, (chunk, at, n) -> chunk.asDoubleBuffer().get(out, at, n));
                yield NpyArray.of(out, shape);
            }
            case FLOAT32 -> {
                float[] out = new float[count];
                each(header, in, where, (chunk, at, n) -> {
                    if (header.valueBytes() == Float.BYTES) {
                        chunk.asFloatBuffer().get(out, at, n);
                    } else {
                        for (int i = at; i < at + n; i++) {
                            out[i] = Float.float16ToFloat(chunk.getShort());
                        }
                    }
                });
                yield NpyArray.of(out, shape);
            }
            case BOOL -> {
                boolean[] out = new boolean[count];
                each(header, in, where, (chunk, at, n) -> {
                    for (int i = at; i < at + n; i++) {
                        out[i] = truth(chunk.get(), where);
                    }
                });
                yield NpyArray.of(out, shape);
            }
        };
    }

    static void write(NpyArray array, OutputStream out) throws IOException {
        int count = (int) Shapes.elements(array.shape());
        int bytes = array.type().bytes();
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < count; at += CHUNK / bytes) {
            int n = Math.min(CHUNK / bytes, count - at);
            chunk.clear();
            switch (array.values()) {
                case byte[] values -> chunk.put(values, at, n);
                case int[] values -> chunk.asIntBuffer().put(values, at, n);
                case long[] values -> chunk.asLongBuffer().put(values, at, n);
                case float[] values -> chunk.asFloatBuffer().put(values, at, n);
                case double[] values -> chunk.asDoubleBuffer().put(values, at, n);
                case boolean[] values -> {
                    for (int i = at; i < at + n; i++) {
                        chunk.put((byte) (values[i] ? 1 : 0));
                    }
                }
                default -> throw new AssertionError(array.type());
            }
            out.write(chunk.array(), 0, n * bytes);
        }
    }

    /** Takes {@code n} values from a chunk into an array from {@code at} on. */
    private interface Taker {
        void take(ByteBuffer chunk, int at, int n) throws MalformedFileException;
    }

    private static void each(NpyHeader header, InputStream in, String where, Taker taker) throws IOException {
        int count = header.elements();
        int perChunk = CHUNK / header.valueBytes();
        byte[] bytes = new byte[(int) Math.min(CHUNK, (long) count * header.valueBytes())];
        for (int at = 0; at < count; at += perChunk) {
            int n = Math.min(perChunk, count - at);
            int length = n * header.valueBytes();
            if (in.readNBytes(bytes, 0, length) < length) {
                throw new MalformedFileException(
                        where + ": cut short: its header says " + Shapes.text(header.shape()) + " values");
            }
            taker.take(ByteBuffer.wrap(bytes, 0, length).order(header.order()), at, n);
        }
    }

    private static boolean truth(byte value, String where) throws MalformedFileException {
        if (value != 0 && value != 1) {
            throw new MalformedFileException(where + ": byte " + value + " in a bool array, expected 0 or 1");
        }
        return value == 1;
    }
}
