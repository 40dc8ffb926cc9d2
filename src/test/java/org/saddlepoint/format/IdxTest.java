package org.saddlepoint.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class IdxTest {
    private static final byte[] SIX = {1, 2, 3, 4, 5, -1};

    @Test
    void readsPlainAndGzipped(@TempDir Path directory) throws IOException {
        byte[] plain = IdxBytes.of(new int[] {1, 2, 3}, SIX);
        for (byte[] bytes : new byte[][] {plain, IdxBytes.gzip(plain)}) {
            Path file = Files.write(directory.resolve("images"), bytes);
            assertThat(Idx.read(file).shape()).containsExactly(1, 2, 3);
            assertThat(Idx.read(file).values()).isEqualTo(SIX);
            assertThat(Idx.readShape(file)).containsExactly(1, 2, 3);
        }
    }

    static Stream<Arguments> malformed() throws IOException {
        byte[] good = IdxBytes.of(new int[] {2, 3}, SIX);
        byte[] gzipped = IdxBytes.gzip(good);
        byte[] noType = good.clone();
        noType[2] = 13;
        byte[] ninety = IdxBytes.of(new int[] {9}, SIX);
        ninety[3] = 90;
        return Stream.of(
                Arguments.of("empty", new byte[0], "not an IDX file"),
                Arguments.of("text", "hello, world".getBytes(StandardCharsets.UTF_8), "not an IDX file"),
                Arguments.of("floats", noType, "type 13"),
                Arguments.of("90 dimensions", ninety, "90 dimensions"),
                Arguments.of("cut in the header", Arrays.copyOf(good, 7), "inside its header"),
                Arguments.of(
                        "cut in the values", Arrays.copyOf(good, good.length - 1), "2x3 = 6 values, the file holds 5"),
                Arguments.of("goes on", Arrays.copyOf(good, good.length + 1), "goes on after its 6 values"),
                Arguments.of("negative size", IdxBytes.of(new int[] {-1, 3}, SIX), "absurd dimensions -1x3"),
                Arguments.of(
                        "product passes 2^64",
                        IdxBytes.of(new int[] {1 << 30, 1 << 30, 1 << 30}, SIX),
                        "absurd dimensions"),
                Arguments.of("more than the most", IdxBytes.of(new int[] {1 << 29}, SIX), "at most 268435456 values"),
                Arguments.of("gzip cut", Arrays.copyOf(gzipped, gzipped.length - 9), "gzip"),
                Arguments.of("gzip header alone", Arrays.copyOf(gzipped, 5), "gzip"),
                Arguments.of("bomb", IdxBytes.gzip(new byte[1 << 20]), "dimensions"),
                Arguments.of(
                        "bomb behind a header",
                        IdxBytes.gzip(Arrays.copyOf(good, 1 << 22)),
                        "goes on after its 6 values"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void malformed(String what, byte[] bytes, String message) {
        assertThatThrownBy(() -> Idx.read(new ByteArrayInputStream(bytes), "some-file"))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageStartingWith("some-file: ")
                .hasMessageContaining(message);
    }

    @Test
    void claimIsNotAllocated() {
        byte[] claim = IdxBytes.of(new int[] {Idx.MAX_BYTES}, SIX);
        long bytes = Allocation.of(() -> assertThatThrownBy(() -> Idx.read(new ByteArrayInputStream(claim), "claim"))
                .hasMessageContaining("the file holds 6"));
        assertThat(bytes).isLessThan(1 << 22);
    }
}
