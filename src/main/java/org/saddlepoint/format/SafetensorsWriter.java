package org.saddlepoint.format;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Writes {@link Safetensors}. The values are encoded twice, once for the digest in the header, so none is copied whole. */
final class SafetensorsWriter {
    /** The header is padded with spaces so that the values begin at a multiple of this, as the reference does. */
    private static final int ALIGNMENT = 8;

    private SafetensorsWriter() {}

    static void write(Safetensors content, Path file) throws IOException {
        MessageDigest digest = Hashing.sha256();
        for (Safetensors.Tensor tensor : content.tensors()) {
            encode(tensor, digest::update);
        }
        byte[] header = header(content, HexFormat.of().formatHex(digest.digest()));
        int padding = -header.length & (ALIGNMENT - 1);
        AtomicFiles.write(file, out -> {
            out.write(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(header.length + padding)
                    .array());
            out.write(header);
            out.write(" ".repeat(padding).getBytes(StandardCharsets.US_ASCII));
            for (Safetensors.Tensor tensor : content.tensors()) {
                encode(tensor, out::write);
            }
        });
    }

    private static byte[] header(Safetensors content, String digest) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), (OutputStream) bytes)) {
            json.writeStartObject();
            json.writeName(Safetensors.METADATA).writeStartObject();
            for (Map.Entry<String, String> entry : content.metadata().entrySet()) {
                json.writeName(entry.getKey()).writeString(entry.getValue());
            }
            json.writeName(Safetensors.DIGEST).writeString(digest).writeEndObject();
            long offset = 0;
            for (Safetensors.Tensor tensor : content.tensors()) {
                json.writeName(tensor.name()).writeStartObject();
                json.writeName("dtype").writeString(tensor.integers() ? "I64" : "F32");
                json.writeName("shape").writeArray(tensor.shape(), 0, tensor.shape().length);
                long end = offset + (long) bytes(tensor) * tensor.data().length;
                json.writeName("data_offsets").writeArray(new long[] {offset, end}, 0, 2);
                json.writeEndObject();
                offset = end;
            }
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }

    /** Takes the first {@code length} of some bytes. */
    private interface Sink {
        void take(byte[] bytes, int from, int length) throws IOException;
    }

    private static int bytes(Safetensors.Tensor tensor) {
        return tensor.integers() ? Long.BYTES : Float.BYTES;
    }

    private static void encode(Safetensors.Tensor tensor, Sink sink) throws IOException {
        float[] values = tensor.data();
        ByteBuffer chunk = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
        int perChunk = chunk.capacity() / bytes(tensor);
        for (int from = 0; from < values.length; from += perChunk) {
            int count = Math.min(perChunk, values.length - from);
            if (tensor.integers()) {
                for (int i = 0; i < count; i++) {
                    chunk.putLong(i * Long.BYTES, (long) values[from + i]);
                }
            } else {
                chunk.asFloatBuffer().put(values, from, count);
            }
            sink.take(chunk.array(), 0, count * bytes(tensor));
        }
    }
}
