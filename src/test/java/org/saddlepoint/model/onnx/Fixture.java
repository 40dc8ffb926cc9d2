package org.saddlepoint.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.saddlepoint.format.NpyArray;
import org.saddlepoint.format.Npz;

/** An ONNX file, and what PyTorch computes of it; see make_fixtures.py. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Fixture(String name, Path file, float[] x, int[] labels, float[] logits, float[] gradient) {
    /**
     * PyTorch's figures are those of double precision, rounded; ours are in double with float32 weights, or in float32:
     * these networks have at most 200 terms a sum and few layers.
     */
    static final double TOLERANCE = 1e-4;

    static Path directory() {
        try {
            return Path.of(Objects.requireNonNull(Fixture.class.getResource("mlp.onnx"))
                            .toURI())
                    .resolveSibling("");
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** The names of all that have figures. */
    static List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory())) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.endsWith(".npz"))
                    .map(name -> name.substring(0, name.length() - 4))
                    .sorted()
                    .toList();
        }
    }

    static Fixture of(String name) throws IOException {
        Map<String, NpyArray> arrays = Npz.read(directory().resolve(name + ".npz"));
        return new Fixture(
                name,
                directory().resolve(name + ".onnx"),
                array(arrays, "x").floats(),
                array(arrays, "labels").ints(),
                array(arrays, "logits").floats(),
                array(arrays, "gradient").floats());
    }

    private static NpyArray array(Map<String, NpyArray> arrays, String name) {
        return Objects.requireNonNull(arrays.get(name));
    }

    int count() {
        return labels.length;
    }

    /** Inputs of one example. */
    double[] example(int i) {
        int size = x.length / count();
        double[] values = new double[size];
        for (int j = 0; j < size; j++) {
            values[j] = x[i * size + j];
        }
        return values;
    }

    /** Relative to the largest value. */
    static void assertClose(String what, double[] found, float[] expected) {
        assertThat(found).as(what).hasSameSizeAs(expected);
        double largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        double worst = 0;
        for (int i = 0; i < found.length; i++) {
            double error = Math.abs(found[i] - expected[i]);
            worst = Double.isNaN(error) ? Double.NaN : Math.max(worst, error);
        }
        assertThat(worst).as(what).isLessThanOrEqualTo(TOLERANCE * largest);
    }

    static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        Arrays.setAll(doubles, i -> values[i]);
        return doubles;
    }
}
