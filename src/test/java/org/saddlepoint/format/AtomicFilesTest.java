package org.saddlepoint.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void writesAndReplaces() throws IOException {
        Path file = directory.resolve("result");
        AtomicFiles.write(file, out -> out.write("first".getBytes(StandardCharsets.UTF_8)));
        AtomicFiles.write(file, out -> out.write("second".getBytes(StandardCharsets.UTF_8)));
        assertThat(file).hasContent("second");
        assertThat(directory).isDirectoryContaining(file::equals);
        assertThat(directory.toFile().list()).containsExactly("result");
    }

    @Test
    void failureLeavesTheOldFileAndNothingElse() throws IOException {
        Path file = Files.writeString(directory.resolve("result"), "old");
        assertThatThrownBy(() -> AtomicFiles.write(file, out -> {
                    out.write(new byte[1 << 20]);
                    throw new IOException("source failed");
                }))
                .hasMessage("source failed");
        assertThat(file).hasContent("old");
        assertThat(directory.toFile().list()).containsExactly("result");
    }

    @Test
    void namesAMissingDirectory() {
        Path file = directory.resolve("missing/result");
        assertThatThrownBy(() -> AtomicFiles.write(file, out -> {}))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot write " + file + ": " + file.getParent() + " is not an existing directory");
    }

    @Test
    void refusesADirectory() {
        assertThatThrownBy(() -> AtomicFiles.write(directory, out -> {})).hasMessageContaining("it is a directory");
    }

    @Test
    void acceptsANameAlone() {
        Path file = Path.of("no-such-name-" + System.nanoTime());
        assertThatThrownBy(() -> AtomicFiles.write(file, out -> {
                    throw new IOException("reached");
                }))
                .hasMessage("reached");
        assertThat(file).doesNotExist();
    }
}
