package org.saddlepoint.format;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@link Safetensors}. Nothing is allocated for a claim before it is checked against the file's length. */
final class SafetensorsReader {
    /** The reference's limit on the header. */
    static final long MAX_HEADER = 100_000_000;

    private SafetensorsReader() {}

    static Safetensors read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            long size = channel.size();
            if (size < Long.BYTES) {
                throw new MalformedFileException(file + ": " + size + " bytes are too few for a safetensors file");
            }
            ByteBuffer prefix = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            fill(channel, prefix, file);
            long headerLength = prefix.getLong();
            if (headerLength < 2 || headerLength > Math.min(MAX_HEADER, size - Long.BYTES)) {
                throw new MalformedFileException(file + ": not a safetensors file, or cut short: header of "
                        + Long.toUnsignedString(headerLength) + " bytes in a file of " + size + " (the most is "
                        + MAX_HEADER + ")");
            }
            ByteBuffer headerBytes = ByteBuffer.allocate((int) headerLength);
            fill(channel, headerBytes, file);
            SafetensorsHeader header =
                    SafetensorsHeader.parse(file.toString(), headerBytes.array(), size - Long.BYTES - headerLength);

            MessageDigest digest = Hashing.sha256();
            List<Safetensors.Tensor> tensors = new ArrayList<>();
            for (SafetensorsHeader.Entry entry : header.entries()) {
                tensors.add(new Safetensors.Tensor(
                        entry.name(),
                        entry.shape(),
                        values(channel, entry, digest, file),
                        entry.type() == SafetensorsType.I32 || entry.type() == SafetensorsType.I64));
            }
            Map<String, String> metadata = new LinkedHashMap<>(header.metadata());
            checkDigest(metadata.remove(Safetensors.DIGEST), digest, file);
            return new Safetensors(tensors, metadata);
        }
    }

    private static float[] values(FileChannel channel, SafetensorsHeader.Entry entry, MessageDigest digest, Path file)
            throws IOException {
        float[] values = new float[(int) Shapes.elements(entry.shape())];
        int bytes = entry.type().bytes();
        int perChunk = Math.min(values.length, (1 << 16) / bytes);
        ByteBuffer chunk = ByteBuffer.allocate(perChunk * bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < values.length; at += perChunk) {
            int count = Math.min(perChunk, values.length - at);
            fill(channel, chunk.clear().limit(count * bytes), file);
            digest.update(chunk.array(), 0, count * bytes);
            try {
                entry.type().read(chunk, values, at, count);
            } catch (ArithmeticException e) {
                throw new MalformedFileException(
                        file + ": tensor " + Shapes.shown(entry.name()) + ": " + e.getMessage(), e);
            }
        }
        return values;
    }

    private static void checkDigest(@Nullable String claimed, MessageDigest digest, Path file)
            throws MalformedFileException {
        String found = HexFormat.of().formatHex(digest.digest());
        if (claimed != null && !claimed.toLowerCase(Locale.ROOT).equals(found)) {
            throw new MalformedFileException(file + ": the values' SHA-256 is " + found + ", the header says "
                    + Shapes.shown(claimed) + ": the file was damaged or changed");
        }
    }

    /** Fills the buffer and flips it; the file may shrink under us, which is an error like any other. */
    private static void fill(FileChannel channel, ByteBuffer buffer, Path file) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new MalformedFileException(file + ": ends early", new EOFException());
            }
        }
        buffer.flip();
    }
}
