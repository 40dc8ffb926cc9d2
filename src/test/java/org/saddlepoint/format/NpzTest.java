package org.saddlepoint.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpzTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"numpy-stored.npz", "numpy-deflated.npz"})
    void readsWhatNumpyWrote(String name) throws Exception {
        Map<String, NpyArray> arrays = Npz.read(fixture(name));
        float[] eighths = {0f, 0.125f, 0.25f, 0.375f, 0.5f, 0.625f};
        int[] ramp = {-3, -2, -1, 0, 1, 2};
        assertThat(get(arrays, "f2").floats()).isEqualTo(eighths);
        assertThat(get(arrays, "f4").floats()).isEqualTo(eighths);
        assertThat(get(arrays, "f8").floats()).isEqualTo(eighths);
        assertThat(get(arrays, "f8").type()).isEqualTo(NpyType.FLOAT64);
        assertThat(get(arrays, "u1").ints()).containsExactly(250, 251, 252, 253, 254, 255);
        assertThat(get(arrays, "i1").ints()).isEqualTo(ramp);
        assertThat(get(arrays, "i4").ints()).isEqualTo(ramp);
        assertThat(get(arrays, "i8").ints()).isEqualTo(ramp);
        assertThat(get(arrays, "b1").values()).isEqualTo(new boolean[] {false, true, false, true, false, true});
        assertThat(get(arrays, "big_endian").ints()).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(get(arrays, "scalar").shape()).isEmpty();
        assertThat(get(arrays, "scalar").floats()).containsExactly(2.5f);
        assertThat(get(arrays, "empty").shape()).containsExactly(0, 4);
        assertThat(get(arrays, "f4").shape()).containsExactly(2, 3);
        assertThat(Npz.readShapes(fixture(name)).get("f4")).containsExactly(2, 3);
        assertThat(Npz.read(fixture(name), Set.of("i4", "absent"))).containsOnlyKeys("i4");
    }

    @Test
    void roundTripsEveryType() throws IOException {
        float[] large = new float[40_000];
        for (int i = 0; i < large.length; i++) {
            large[i] = i / 7f;
        }
        Map<String, NpyArray> written = results(large);
        Path file = directory.resolve("result.npz");
        Npz.write(file, written);
        Map<String, NpyArray> read = Npz.read(file);
        assertThat(read.keySet()).containsExactlyElementsOf(written.keySet());
        read.forEach((name, array) -> {
            assertThat(array.type()).isEqualTo(get(written, name).type());
            assertThat(array.shape()).isEqualTo(get(written, name).shape());
            assertThat(array.values()).isEqualTo(get(written, name).values());
        });
        Path again = directory.resolve("again.npz");
        Npz.write(again, written);
        assertThat(again).hasSameBinaryContentAs(file);
    }

    @Test
    void numpyReadsWhatWeWrote() throws Exception {
        Path file = directory.resolve("result.npz");
        Npz.write(file, results(new float[] {0f, 0.5f}));
        String script = "import sys, numpy as n; a = n.load(sys.argv[1]); "
                + "print([(k, a[k].dtype.str, a[k].shape, a[k].tolist()) for k in a.files])";
        Process process = new ProcessBuilder("sh", "-c", "exec python3 -c \"$0\" \"$1\"", script, file.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        assumeThat(status == 127 || said.contains("No module named"))
                .as("needs python3 with numpy")
                .isFalse();
        assertThat(said.strip())
                .isEqualTo("[('x', '<f4', (2, 1), [[0.0], [0.5]]), ('y', '<i4', (2,), [-1, 9]), "
                        + "('wide', '<f8', (), 0.25), ('long', '<i8', (1,), [9223372036854775807]), "
                        + "('success', '|b1', (2,), [True, False]), ('u', '|u1', (1, 2), [[1, 255]]), "
                        + "('i', '|i1', (2, 1), [[1], [-1]]), ('empty', '<f4', (0, 3), [])]");
    }

    private static Map<String, NpyArray> results(float[] x) {
        Map<String, NpyArray> arrays = new LinkedHashMap<>();
        arrays.put("x", NpyArray.of(x, x.length, 1));
        arrays.put("y", NpyArray.of(new int[] {-1, 9}, 2));
        arrays.put("wide", NpyArray.of(new double[] {0.25}));
        arrays.put("long", NpyArray.of(new long[] {Long.MAX_VALUE}, 1));
        arrays.put("success", NpyArray.of(new boolean[] {true, false}, 2));
        arrays.put("u", NpyArray.ofBytes(NpyType.UINT8, new byte[] {1, -1}, 1, 2));
        arrays.put("i", NpyArray.ofBytes(NpyType.INT8, new byte[] {1, -1}, 2, 1));
        arrays.put("empty", NpyArray.of(new float[0], 0, 3));
        return arrays;
    }

    static Stream<Arguments> malformedArrays() {
        String good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
        return Stream.of(
                Arguments.of("no npy", "hello".getBytes(StandardCharsets.UTF_8), "not an npy array"),
                Arguments.of(
                        "structured",
                        npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", 8),
                        "plain array"),
                Arguments.of("objects", npy(good.replace("<f4", "|O"), 8), "plain array"),
                Arguments.of("unsigned", npy(good.replace("<f4", "<u4"), 8), "type <u4"),
                Arguments.of("no shape", npy("{'descr': '<f4', 'fortran_order': False, }", 8), "plain array"),
                Arguments.of("size past int", npy(good.replace("2,", "99999999999,"), 8), "absurd shape"),
                Arguments.of("product past int", npy(good.replace("2,", "65536,65536"), 8), "absurd shape"),
                Arguments.of("claims more than it holds", npy(good.replace("2,", "500000000,"), 8), "bytes of values"),
                Arguments.of("one value short", npy(good, 7), "cut short"),
                Arguments.of("one byte more", npy(good, 9), "goes on after its values"),
                Arguments.of(
                        "bool of 2",
                        npy("{'descr': '|b1', 'fortran_order': False, 'shape': (1,)}", 2, (byte) 2),
                        "bool"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void malformedArrays(String what, byte[] array, String message) throws IOException {
        Path file = Files.write(directory.resolve("crafted.npz"), zip("x.npy", array));
        assertThatThrownBy(() -> Npz.read(file))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageStartingWith(file + ": x")
                .hasMessageContaining(message);
    }

    @Test
    void fortranOrderAndTextAreRefusedWithTheRemedy() {
        assertThatThrownBy(() -> Npz.read(fixture("numpy-fortran.npz")))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageContaining("numpy.ascontiguousarray");
        assertThatThrownBy(() -> Npz.read(fixture("numpy-text.npz")))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageContaining("type <U4, can read f2, f4");
    }

    @Test
    void everyFlippedBitOfAStoredArrayIsAnError() throws Exception {
        byte[] stored = Files.readAllBytes(fixture("numpy-stored.npz"));
        Path file = directory.resolve("flipped.npz");
        // The first array's values: 12 bytes before the second local header.
        int at = indexOf(stored, "PK\003\004", 4) - 12;
        for (int bit = 0; bit < 96; bit++) {
            byte[] bad = stored.clone();
            bad[at + bit / 8] ^= (byte) (1 << (bit % 8));
            Files.write(file, bad);
            assertThatThrownBy(() -> Npz.read(file))
                    .isInstanceOf(MalformedFileException.class)
                    .hasMessageContaining("does not match its checksum");
        }
    }

    @Test
    void notAZip() throws IOException {
        Path file = Files.writeString(directory.resolve("text.npz"), "hello");
        assertThatThrownBy(() -> Npz.read(file))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageContaining("not an npz file");
        Path other = Files.write(directory.resolve("other.npz"), zip("readme.txt", new byte[3]));
        assertThatThrownBy(() -> Npz.read(other))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageContaining("holds readme.txt");
    }

    @Test
    void aBombIsRefusedBeforeItIsUnpacked() throws IOException {
        int size = 200 << 20;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("x.npy"));
            zip.write(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (" + size + ",), }", 0));
            zeros(zip, size);
        }
        Path file = Files.write(directory.resolve("bomb.npz"), bytes.toByteArray());
        long allocated = Allocation.of(() -> assertThatThrownBy(() -> Npz.read(file))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageContaining("at most 64 MiB + 100 times"));
        assertThat(allocated).isLessThan(1 << 22);
    }

    @Test
    void namesAreChecked() {
        for (String name : new String[] {"", "../x", "a\\b", "a\nb"}) {
            assertThatThrownBy(() -> Npz.write(directory.resolve("x.npz"), Map.of(name, NpyArray.of(new int[1], 1))))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> NpyArray.of(new float[5], 2, 3)).hasMessage("shape 2x3 does not hold 5 values");
        assertThat(directory).isEmptyDirectory();
    }

    private static void zeros(OutputStream out, int size) throws IOException {
        byte[] chunk = new byte[1 << 20];
        for (int done = 0; done < size; done += chunk.length) {
            out.write(chunk);
        }
    }

    private static byte[] npy(String header, int length, byte... values) {
        byte[] text = header.getBytes(StandardCharsets.ISO_8859_1);
        byte[] bytes = Arrays.copyOf(
                new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) text.length, 0},
                10 + text.length + length);
        System.arraycopy(text, 0, bytes, 10, text.length);
        System.arraycopy(values, 0, bytes, 10 + text.length, values.length);
        return bytes;
    }

    private static byte[] zip(String name, byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(content);
        }
        return bytes.toByteArray();
    }

    private static int indexOf(byte[] bytes, String text, int from) {
        return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text, from);
    }

    private static NpyArray get(Map<String, NpyArray> arrays, String name) {
        return Objects.requireNonNull(arrays.get(name), name);
    }

    private static Path fixture(String name) throws URISyntaxException {
        return Path.of(Objects.requireNonNull(NpzTest.class.getResource(name)).toURI());
    }
}
