package org.saddlepoint.format;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
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
    // An inflated case's text passes through as it is read: rows of short strings, 64 bytes or so for each few
    // characters, one at a time; buffers grow to a field's and a row's bound.
    private static final long BOUND_CSV = 100L * 1032 * 4096;
    // At most 2^14 pixels: 8 bytes each decoded, 3 as planes. The decoders' own buffers and colour spaces are fixed.
    private static final int FUZZED_PIXELS = 1 << 14;
    private static final long BOUND_PICTURE = 4 << 20;

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

    @Test
    void csv() throws IOException {
        csv(FEW);
    }

    @Test
    @Tag("exhaustive")
    void csvExhaustive() throws IOException {
        csv(MANY);
    }

    @Test
    void picture() throws IOException {
        picture(FEW);
    }

    @Test
    @Tag("exhaustive")
    void pictureExhaustive() throws IOException {
        picture(MANY);
    }

    private static void csv(int cases) throws IOException {
        byte[] plain = "a,b,\"c \"\"d\"\"\"\r\n1,-2e3,\"x\ny\"\n\n4,,é\n".getBytes(StandardCharsets.UTF_8);
        List<byte[]> valid = List.of(plain, IdxBytes.gzip(plain));
        Fuzz.run("csv", cases, valid, BOUND_CSV, bytes -> {
            // Most mutations leave text that is a table still: what the format leaves open is refused by its reader.
            int[] width = new int[1];
            Csv.read(new ByteArrayInputStream(bytes), "fuzz", ',', (line, fields) -> {
                if (width[0] > 0 && width[0] != fields.size()) {
                    throw new MalformedFileException("fuzz, line " + line + ": " + fields.size() + " fields");
                }
                width[0] = fields.size();
            });
        });
    }

    private static void picture(int cases) throws IOException {
        ImageBytes.Pixels pixels = (y, x, band) -> (y * 31 + x * 17 + band * 50) & 0xff;
        List<byte[]> valid = List.of(
                ImageBytes.rgb(7, 9, pixels),
                ImageBytes.grey(7, 9, pixels),
                ImageBytes.of("png", ImageBytes.image(BufferedImage.TYPE_4BYTE_ABGR, 5, 4, pixels)),
                ImageBytes.of("png", ImageBytes.image(BufferedImage.TYPE_BYTE_BINARY, 9, 9, (y, x, band) -> x & 1)),
                ImageBytes.of("jpeg", ImageBytes.image(BufferedImage.TYPE_3BYTE_BGR, 7, 9, pixels)));
        Fuzz.run(
                "picture",
                cases,
                valid,
                BOUND_PICTURE,
                bytes -> Picture.read(bytes, "fuzz", 3, FUZZED_PIXELS).scaled(8, 8));
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
