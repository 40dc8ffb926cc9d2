package org.saddlepoint.format;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The readers under random and mutated bytes; see {@link Fuzz}. */
class ReaderFuzzTest {
    private static final int FEW = 2_000;
    private static final int MANY = 100_000;

    // Each case is below 4 KiB. Deflate makes at most 1032 times that, which is read twice over in growing; buffers are
    // fixed.
    private static final long BOUND_INFLATED = 2 * 1032 * 4096L + (1 << 20);
    // The values of a safetensors file take at most twice its length (float16); JSON buffers and 64 KiB chunks are
    // fixed.
    private static final long BOUND_SAFETENSORS = 1 << 20;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void idx() throws IOException {
        idx(FEW);
    }

    @Test
    @Tag("exhaustive")
    void idxExhaustive() throws IOException {
        idx(MANY);
    }

    @Test
    void npz() throws IOException {
        npz(FEW);
    }

    @Test
    @Tag("exhaustive")
    void npzExhaustive() throws IOException {
        npz(MANY);
    }

    @Test
    void safetensors() throws IOException {
        safetensors(FEW);
    }

    @Test
    @Tag("exhaustive")
    void safetensorsExhaustive() throws IOException {
        safetensors(MANY);
    }

    private static void idx(int cases) throws IOException {
        byte[] images = IdxBytes.of(new int[] {3, 4, 5}, new byte[60]);
        List<byte[]> valid =
                List.of(images, IdxBytes.of(new int[] {7}, new byte[7]), IdxBytes.gzip(images), IdxBytes.gzip(images));
        Fuzz.run("idx", cases, valid, BOUND_INFLATED, bytes -> Idx.read(new ByteArrayInputStream(bytes), "fuzz"));
    }

    private void npz(int cases) throws IOException {
        Path file = directory.resolve("fuzz.npz");
        List<byte[]> valid = List.of(resource("numpy-stored.npz"), resource("numpy-deflated.npz"));
        Fuzz.run("npz", cases, valid, BOUND_INFLATED, bytes -> {
            Files.write(file, bytes);
            Npz.read(file);
        });
    }

    private void safetensors(int cases) throws IOException {
        Path file = directory.resolve("fuzz.safetensors");
        List<byte[]> valid = List.of(resource("reference.safetensors"));
        Fuzz.run("safetensors", cases, valid, BOUND_SAFETENSORS, bytes -> {
            Files.write(file, bytes);
            Safetensors.read(file);
        });
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(ReaderFuzzTest.class.getResourceAsStream(name))) {
            return in.readAllBytes();
        }
    }
}
