package org.saddlepoint.format.onnx;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.saddlepoint.format.MalformedFileException;
import org.saddlepoint.format.Shapes;

/** Reads constants, whichever of their many places the values are in; nothing is allocated that the file does not fill. */
final class OnnxTensors {
    private final Path file;

    /** Bytes that were taken of each file of external data: none serves many tensors, or memory would have no bound. */
    private final Map<Path, Long> taken = new HashMap<>();

    OnnxTensors(Path file) {
        this.file = file;
    }

    OnnxTensor read(TensorProto proto) throws IOException {
        int[] shape = shape(proto);
        int count = (int) Shapes.elements(shape);
        TensorProto.DataType type = TensorProto.DataType.forNumber(proto.getDataType());
        int bytes = type == null ? 0 : bytes(type);
        if (bytes == 0) {
            throw bad(
                    proto,
                    "has values of type " + (type == null ? proto.getDataType() : type)
                            + ", can read FLOAT, DOUBLE, FLOAT16, BFLOAT16, integers and BOOL");
        }
        if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
            return decoded(type, shape, external(proto, (long) count * bytes));
        }
        if (proto.hasRawData()) {
            if (proto.getRawData().size() != (long) count * bytes) {
                throw bad(
                        proto,
                        "of shape " + Shapes.text(shape) + " and type " + type + " needs " + (long) count * bytes
                                + " bytes, it has " + proto.getRawData().size());
            }
            return decoded(type, shape, proto.getRawData().asReadOnlyByteBuffer());
        }
        return typed(proto, type, shape, count);
    }

    private int[] shape(TensorProto proto) throws MalformedFileException {
        if (proto.getDimsCount() > Shapes.MAX_RANK) {
            throw bad(
                    proto, "has " + proto.getDimsCount() + " dimensions, at most " + Shapes.MAX_RANK + " can be read");
        }
        int[] shape = new int[proto.getDimsCount()];
        for (int i = 0; i < shape.length; i++) {
            long size = proto.getDims(i);
            if (size < 0 || size > Integer.MAX_VALUE) {
                throw bad(proto, "has the dimension " + size + " in its shape " + proto.getDimsList());
            }
            shape[i] = (int) size;
        }
        if (Shapes.elements(shape) < 0) {
            throw bad(proto, "of shape " + Shapes.text(shape) + " has more than 2147483647 values");
        }
        return shape;
    }

    /** Bytes of a value, 0 for a type that is not read. */
    private static int bytes(TensorProto.DataType type) {
        return switch (type) {
            case FLOAT, INT32, UINT32 -> 4;
            case DOUBLE, INT64, UINT64 -> 8;
            case FLOAT16, BFLOAT16, INT16, UINT16 -> 2;
            case INT8, UINT8, BOOL -> 1;
            default -> 0;
        };
    }

    private static OnnxTensor decoded(TensorProto.DataType type, int[] shape, ByteBuffer raw) {
        ByteBuffer in = raw.order(ByteOrder.LITTLE_ENDIAN);
        int count = in.remaining() / bytes(type);
        if (isFloat(type)) {
            float[] values = new float[count];
            for (int i = 0; i < count; i++) {
                values[i] = switch (type) {
                    case FLOAT -> in.getFloat();
                    case DOUBLE -> (float) in.getDouble();
                    case FLOAT16 -> Float.float16ToFloat(in.getShort());
                    default -> brain(in.getShort());
                };
            }
            return OnnxTensor.of(shape, values);
        }
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = switch (type) {
                case INT64, UINT64 -> in.getLong();
                case INT32 -> in.getInt();
                case UINT32 -> Integer.toUnsignedLong(in.getInt());
                case INT16 -> in.getShort();
                case UINT16 -> Short.toUnsignedLong(in.getShort());
                case INT8 -> in.get();
                default -> Byte.toUnsignedLong(in.get());
            };
        }
        return OnnxTensor.of(shape, values);
    }

    private static boolean isFloat(TensorProto.DataType type) {
        return switch (type) {
            case FLOAT, DOUBLE, FLOAT16, BFLOAT16 -> true;
            default -> false;
        };
    }

    private static float brain(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** Values in the field of their type; narrow ones are in that of int32. */
    private OnnxTensor typed(TensorProto proto, TensorProto.DataType type, int[] shape, int count)
            throws MalformedFileException {
        int given = switch (type) {
            case FLOAT -> proto.getFloatDataCount();
            case DOUBLE -> proto.getDoubleDataCount();
            case INT64 -> proto.getInt64DataCount();
            case UINT32, UINT64 -> proto.getUint64DataCount();
            default -> proto.getInt32DataCount();
        };
        if (given != count) {
            throw bad(proto, "of shape " + Shapes.text(shape) + " and type " + type + " holds " + given + " values");
        }
        if (isFloat(type)) {
            float[] values = new float[count];
            for (int i = 0; i < count; i++) {
                values[i] = switch (type) {
                    case FLOAT -> proto.getFloatData(i);
                    case DOUBLE -> (float) proto.getDoubleData(i);
                    case FLOAT16 -> Float.float16ToFloat((short) proto.getInt32Data(i));
                    default -> brain((short) proto.getInt32Data(i));
                };
            }
            return OnnxTensor.of(shape, values);
        }
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = switch (type) {
                case INT64 -> proto.getInt64Data(i);
                case UINT32, UINT64 -> proto.getUint64Data(i);
                default -> proto.getInt32Data(i);
            };
        }
        return OnnxTensor.of(shape, values);
    }

    /** Values in another file, which may lie beside the model or below it, and nowhere else. */
    private ByteBuffer external(TensorProto proto, long needed) throws IOException {
        Map<String, String> entries = new HashMap<>();
        for (StringStringEntryProto entry : proto.getExternalDataList()) {
            entries.put(entry.getKey(), entry.getValue());
        }
        Path data = inside(proto, entries.getOrDefault("location", ""));
        long offset = number(proto, entries, "offset", 0);
        long length = number(proto, entries, "length", needed);
        long size = Files.size(data);
        if (length != needed || offset > size - length || needed > Integer.MAX_VALUE - 8) {
            throw bad(
                    proto,
                    "needs " + needed + " bytes of external data; it names " + length + " from byte " + offset + " of "
                            + Shapes.shown(entries.getOrDefault("location", "")) + ", which has " + size);
        }
        if (taken.merge(data, needed, Long::sum) > 2 * size) {
            throw bad(
                    proto,
                    "is one of several whose external data together are more than twice the file that they are in");
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) needed);
        try (FileChannel channel = FileChannel.open(data)) {
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, offset + bytes.position()) < 0) {
                    throw bad(proto, "has external data that end early");
                }
            }
        }
        return bytes.flip();
    }

    private Path inside(TensorProto proto, String location) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        try {
            if (directory != null && !location.isEmpty() && !Path.of(location).isAbsolute()) {
                Path data = directory.resolve(location).normalize();
                if (data.startsWith(directory.normalize())
                        && Files.isRegularFile(data, LinkOption.NOFOLLOW_LINKS)
                        && data.toRealPath().startsWith(directory.toRealPath())) {
                    return data;
                }
            }
        } catch (InvalidPathException e) {
            throw bad(proto, "has external data in a file with an impossible name");
        }
        throw bad(
                proto,
                "has external data in '" + Shapes.shown(location)
                        + "': that is no regular file in the model's own directory, where alone they are read");
    }

    private long number(TensorProto proto, Map<String, String> entries, String key, long otherwise)
            throws MalformedFileException {
        String text = entries.get(key);
        try {
            long value = text == null ? otherwise : Long.parseLong(text);
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // as below
        }
        throw bad(proto, "has external data with the " + key + " '" + Shapes.shown(String.valueOf(text)) + "'");
    }

    private MalformedFileException bad(TensorProto proto, String what) {
        return new MalformedFileException(file + ": tensor "
                + (proto.getName().isEmpty() ? "without a name" : Shapes.shown(proto.getName())) + " " + what);
    }
}
