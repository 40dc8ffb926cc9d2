package org.saddlepoint.format.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import org.saddlepoint.format.MalformedFileException;

/**
 * From bytes to protobuf's objects. Protobuf makes an object of some hundred bytes of each message, and two bytes can be a
 * message: so they are counted first, without making any.
 */
final class OnnxWire {
    /** The largest networks have some thousand nodes of some ten messages and texts each. */
    static final int MAX_OBJECTS = 1_000_000;

    /** Graphs within attributes nest; protobuf itself stops at 100. */
    private static final int MAX_DEPTH = 60;

    private final String file;
    private int objects;

    private OnnxWire(String file) {
        this.file = file;
    }

    /** Parses a file's bytes; large values stay where they are, in the array. */
    static ModelProto parse(String file, byte[] bytes) throws MalformedFileException {
        try {
            new OnnxWire(file).count(CodedInputStream.newInstance(bytes), ModelProto.getDescriptor(), 0);
            CodedInputStream in = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
            in.enableAliasing(true);
            return ModelProto.parseFrom(in);
        } catch (InvalidProtocolBufferException e) {
            // Protobuf's own message is of several sentences and no position.
            throw new MalformedFileException(file + ": not an ONNX file, or one that is cut off or damaged", e);
        } catch (MalformedFileException e) {
            throw e;
        } catch (IOException e) {
            throw new MalformedFileException(file + ": not an ONNX file: " + e.getMessage(), e);
        }
    }

    private void count(CodedInputStream in, Descriptor type, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new MalformedFileException(file + ": its messages nest more than " + MAX_DEPTH + " deep");
        }
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            int wire = WireFormat.getTagWireType(tag);
            if (wire == WireFormat.WIRETYPE_START_GROUP) {
                throw new MalformedFileException(file + ": not an ONNX file: it has groups, which ONNX does not use");
            }
            if (wire == WireFormat.WIRETYPE_LENGTH_DELIMITED && ++objects > MAX_OBJECTS) {
                throw new MalformedFileException(file + ": it has more than " + MAX_OBJECTS
                        + " messages and texts, which no network of a sensible size has");
            }
            FieldDescriptor field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
            if (field != null
                    && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                    && wire == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                int outer = in.pushLimit(in.readRawVarint32());
                count(in, field.getMessageType(), depth + 1);
                in.popLimit(outer);
            } else {
                in.skipField(tag);
            }
        }
    }
}
