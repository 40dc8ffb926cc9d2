package org.saddlepoint.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.format.MalformedFileException;
import org.saddlepoint.format.NpyArray;
import org.saddlepoint.format.NpyType;
import org.saddlepoint.format.Npz;

class NpzDatasetTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void theLastSixthOfOneArrayIsHeldOut() throws IOException {
        Path file = file(Map.of(
                "x", NpyArray.of(new float[] {0f, 0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f}, 7, 1),
                "y", NpyArray.of(new long[] {0, 1, 2, 3, 2, 1, 4}, 7, 1),
                "x_adv", NpyArray.of(new float[] {Float.NaN}, 1)));
        Split split = Datasets.load(file.toString());
        assertThat(split.train().labels()).containsExactly(0, 1, 2, 3, 2, 1);
        assertThat(split.test().labels()).containsExactly(4);
        assertThat(split.test().values(0, 1)).containsExactly(0.6f);
        assertThat(split.train().classes()).isEqualTo(5);
        DatasetsTest.sameAsCheck(file.toString());
    }

    @Test
    void kerasLayoutOfBytes() throws IOException {
        Path file = file(Map.of(
                "x_train", NpyArray.ofBytes(NpyType.UINT8, new byte[] {0, -1, 51, 102, 1, 2, 3, 4}, 2, 2, 2),
                "y_train", NpyArray.ofBytes(NpyType.UINT8, new byte[] {1, 0}, 2),
                "x_test", NpyArray.ofBytes(NpyType.UINT8, new byte[4], 1, 2, 2),
                "y_test", NpyArray.ofBytes(NpyType.UINT8, new byte[] {7}, 1)));
        Split split = Datasets.load(file.toString());
        assertThat(split.train().shape()).containsExactly(1, 2, 2);
        assertThat(split.train().values(0, 1)).containsExactly(0f, 1f, 0.2f, 0.4f);
        assertThat(split.test().classes()).isEqualTo(8);
        DatasetsTest.sameAsCheck(file.toString());
    }

    @Test
    void oneGreyChannelMayStandLast() throws IOException {
        Path file =
                file(Map.of("x", NpyArray.of(new float[2 * 8 * 9], 2, 8, 9, 1), "y", NpyArray.of(new int[] {0, 1}, 2)));
        assertThat(Datasets.check(file.toString()).shape()).containsExactly(1, 8, 9);
        DatasetsTest.sameAsCheck(file.toString());
    }

    @Property(tries = 30)
    void channelsLastBecomePlanes(
            @ForAll @IntRange(min = 5, max = 9) int height,
            @ForAll @IntRange(min = 1, max = 9) int width,
            @ForAll @IntRange(min = 1, max = 4) int channels)
            throws IOException {
        int size = 3 * height * width * channels;
        float[] last = new float[size];
        float[] first = new float[size];
        byte[] lastBytes = new byte[size];
        byte[] firstBytes = new byte[size];
        for (int n = 0, i = 0; n < 3; n++) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    for (int c = 0; c < channels; c++, i++) {
                        int at = ((n * channels + c) * height + y) * width + x;
                        last[i] = i / 1000f;
                        first[at] = i / 1000f;
                        lastBytes[i] = (byte) i;
                        firstBytes[at] = (byte) i;
                    }
                }
            }
        }
        NpyArray y = NpyArray.of(new int[3], 3);
        Path file = Files.createTempFile("planes", ".npz");
        try {
            Npz.write(file, Map.of("x", NpyArray.of(last, 3, height, width, channels), "y", y));
            Split split = Datasets.load(file.toString());
            assertThat(split.train().shape()).containsExactly(channels, height, width);
            assertThat(joined(split)).isEqualTo(first);
            Npz.write(
                    file, Map.of("x", NpyArray.ofBytes(NpyType.UINT8, lastBytes, 3, height, width, channels), "y", y));
            assertThat(Datasets.load(file.toString()).train().bytes())
                    .isEqualTo(Arrays.copyOf(firstBytes, size / 3 * 2));
            DatasetsTest.sameAsCheck(file.toString());
        } finally {
            Files.delete(file);
        }
    }

    private static float[] joined(Split split) {
        float[] train = split.train().values(0, 2);
        float[] all = Arrays.copyOf(train, train.length / 2 * 3);
        System.arraycopy(split.test().values(0, 1), 0, all, train.length, train.length / 2);
        return all;
    }

    @Property(tries = 50)
    void everySizeIsParted(@ForAll @IntRange(min = 2, max = 100) int size) throws IOException {
        Path file = Files.createTempFile("parted", ".npz");
        try {
            Npz.write(file, Map.of("x", NpyArray.of(new float[size], size, 1), "y", NpyArray.of(new int[size], size)));
            Split split = Datasets.load(file.toString());
            assertThat(split.train().size() + split.test().size()).isEqualTo(size);
            assertThat(split.test().size()).isEqualTo(Math.max(1, size / 6));
            DatasetsTest.sameAsCheck(file.toString());
        } finally {
            Files.delete(file);
        }
    }

    static Stream<Arguments> malformed() {
        NpyArray x = NpyArray.of(new float[] {0f, 1f}, 2, 1);
        NpyArray y = NpyArray.of(new int[] {0, 1}, 2);
        NpyArray one = NpyArray.of(new int[] {0}, 1);
        return Stream.of(
                Arguments.of(Map.of("y", y), "has no array x"),
                Arguments.of(Map.of("x", x), "has no array y"),
                Arguments.of(Map.of("x_train", x, "y_train", y, "x_test", x), "has no array y_test"),
                Arguments.of(Map.of("x", NpyArray.of(new float[] {0f, Float.NaN}, 2, 1), "y", y), "NaN of example 1"),
                Arguments.of(Map.of("x", NpyArray.of(new float[] {0f, 1.5f}, 2, 1), "y", y), "1.5 of example 1"),
                Arguments.of(Map.of("x", NpyArray.of(new double[] {-1e-9, 1}, 2, 1), "y", y), "outside [0,1]"),
                Arguments.of(Map.of("x", NpyArray.of(new int[] {0, 1}, 2, 1), "y", y), "has type INT32"),
                Arguments.of(Map.of("x", x, "y", NpyArray.of(new float[2], 2)), "expected one integer label"),
                Arguments.of(Map.of("x", x, "y", NpyArray.of(new int[4], 2, 2)), "expected one integer label"),
                Arguments.of(Map.of("x", x, "y", NpyArray.of(new int[] {0, -1}, 2)), "label -1 at 1"),
                Arguments.of(Map.of("x", x, "y", NpyArray.of(new int[] {65_536, 0}, 2)), "label 65536 at 0"),
                Arguments.of(Map.of("x", x, "y", NpyArray.of(new long[] {1L << 40, 0}, 2)), "passes int32"),
                Arguments.of(Map.of("x", x, "y", NpyArray.of(new int[3], 3)), "2 examples, but there are 3 labels"),
                Arguments.of(Map.of("x", NpyArray.of(new float[1], 1, 1), "y", one), "cannot be parted"),
                Arguments.of(Map.of("x", NpyArray.of(new float[2], 2), "y", y), "expected N x features"),
                Arguments.of(Map.of("x", NpyArray.of(new float[0], 2, 0), "y", y), "expected N x features"),
                Arguments.of(
                        Map.of("x_train", x, "y_train", y, "x_test", NpyArray.of(new float[4], 2, 2), "y_test", y),
                        "examples of x_train are [1], of x_test [2]"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource
    void malformed(Map<String, NpyArray> arrays, String message) throws IOException {
        Path file = file(arrays);
        assertThatThrownBy(() -> Datasets.load(file.toString()))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(message);
    }

    private Path file(Map<String, NpyArray> arrays) throws IOException {
        Path file = directory.resolve("data.npz");
        Npz.write(file, arrays);
        return file;
    }
}
