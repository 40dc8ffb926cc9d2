package org.saddlepoint.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.saddlepoint.format.Fuzz;
import org.saddlepoint.format.MalformedFileException;

/** Reading ONNX under random and mutated bytes; see {@link Fuzz}. */
class OnnxFuzzTest {
    /**
     * Files are at most 8 KiB. Values folded of constants are bounded by 2^18 of eight bytes, of which a copy or two may be
     * in work; twice over, as an image may be tried in two orders.
     */
    private static final long BOUND = 16L << 20;

    private static final Logger LOG = Logger.getLogger("org.saddlepoint.model.onnx");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @BeforeEach
    void silence() {
        LOG.setLevel(Level.OFF);
    }

    @AfterEach
    void speak() {
        LOG.setLevel(null);
    }

    @Test
    void mutated() throws IOException {
        fuzz(500);
    }

    @Test
    @Tag("exhaustive")
    void mutatedExhaustive() throws IOException {
        fuzz(100_000);
    }

    private void fuzz(int cases) throws IOException {
        List<byte[]> valid = new ArrayList<>();
        for (String name : Fixture.names()) {
            valid.add(Files.readAllBytes(Fixture.directory().resolve(name + ".onnx")));
        }
        Path file = directory.resolve("fuzz.onnx");
        Fuzz.run("onnx", cases, valid, BOUND, bytes -> {
            Files.write(file, bytes);
            try {
                Models.readOnnx(file);
            } catch (UnsupportedModelException e) {
                // The one refusal that has a line for each reason.
                assertThat(String.valueOf(e.getMessage()).lines().skip(1))
                        .isNotEmpty()
                        .allMatch(line -> line.startsWith("  "));
                throw new MalformedFileException("unsupported", e);
            }
        });
    }
}
