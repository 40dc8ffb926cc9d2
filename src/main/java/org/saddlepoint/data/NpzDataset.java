package org.saddlepoint.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.format.MalformedFileException;
import org.saddlepoint.format.NpyArray;
import org.saddlepoint.format.NpyType;
import org.saddlepoint.format.Npz;

/**
 * A data set in an npz file: either {@code x_train}, {@code y_train}, {@code x_test}, {@code y_test}, or {@code x} and
 * {@code y}, of which the last sixth (rounded down, at least one example) is held out as the test part.
 *
 * <p>x: uint8, or float32 or float64 in [0,1]; N x features, N x height x width, N x channels x height x width, or N x height x
 * width x channels, which is what four dimensions are where the second is above 4 and the last at most 4. y: integers from 0,
 * N or N x 1. Classes: the largest label + 1.
 */
final class NpzDataset {
    private static final Set<String> KEYS = Set.of("x", "y", "x_train", "y_train", "x_test", "y_test");

    /** A larger label is taken for an error: it would make a network's last layer of that size. */
    private static final int MAX_LABEL = 65_535;

    private NpzDataset() {}

    static Split load(Path file) throws IOException {
        Map<String, NpyArray> arrays = Npz.read(file, KEYS);
        if (isSplit(arrays.keySet())) {
            int[] trainLabels = labels(file, arrays, "y_train");
            int[] testLabels = labels(file, arrays, "y_test");
            int classes = Math.max(classes(trainLabels), classes(testLabels));
            Dataset train = part(file, arrays, "x_train", trainLabels, classes);
            Dataset test = part(file, arrays, "x_test", testLabels, classes);
            if (!Arrays.equals(train.shape(), test.shape())) {
                throw new MalformedFileException(file + ": examples of x_train are " + Arrays.toString(train.shape())
                        + ", of x_test " + Arrays.toString(test.shape()));
            }
            return new Split(train, test);
        }
        int[] labels = labels(file, arrays, "y");
        Dataset all = part(file, arrays, "x", labels, classes(labels));
        int train = all.size() - heldOut(file, all.size());
        return new Split(all.range(0, train), all.range(train, all.size()));
    }

    /** What {@link #load} would give, by the shapes of x and the values of y. */
    static DatasetInfo check(Path file) throws IOException {
        Map<String, int[]> shapes = Npz.readShapes(file);
        Map<String, NpyArray> arrays = Npz.read(file, Set.of("y", "y_train", "y_test"));
        if (isSplit(shapes.keySet())) {
            int[] trainLabels = labels(file, arrays, "y_train");
            int[] testLabels = labels(file, arrays, "y_test");
            int[] shape = shape(file, "x_train", shapes.get("x_train"), trainLabels);
            int[] testShape = shape(file, "x_test", shapes.get("x_test"), testLabels);
            if (!Arrays.equals(shape, testShape)) {
                throw new MalformedFileException(file + ": examples of x_train are " + Arrays.toString(shape)
                        + ", of x_test " + Arrays.toString(testShape));
            }
            int classes = Math.max(classes(trainLabels), classes(testLabels));
            return new DatasetInfo(file.toString(), shape, classes, trainLabels.length, testLabels.length);
        }
        int[] labels = labels(file, arrays, "y");
        int[] shape = shape(file, "x", shapes.get("x"), labels);
        int test = heldOut(file, labels.length);
        return new DatasetInfo(file.toString(), shape, classes(labels), labels.length - test, test);
    }

    private static boolean isSplit(Set<String> names) {
        return names.contains("x_train") || names.contains("x_test");
    }

    private static int heldOut(Path file, int size) throws MalformedFileException {
        if (size < 2) {
            throw new MalformedFileException(
                    file + ": 1 example cannot be parted into training and test, give x_train and x_test");
        }
        return Math.max(1, size / 6);
    }

    private static Dataset part(Path file, Map<String, NpyArray> arrays, String key, int[] labels, int classes)
            throws MalformedFileException {
        NpyArray x = arrays.get(key);
        int[] shape = shape(file, key, x == null ? null : x.shape(), labels);
        String name = file + "/" + key;
        try {
            return switch (Objects.requireNonNull(x).type()) {
                case UINT8 -> {
                    byte[] pixels = (byte[]) x.values();
                    yield Dataset.ofBytes(
                            name, shape, classes, isChannelsLast(x.shape()) ? planes(pixels, shape) : pixels, labels);
                }
                case FLOAT32, FLOAT64 -> {
                    float[] values = x.floats();
                    yield Dataset.ofFloats(
                            name, shape, classes, isChannelsLast(x.shape()) ? planes(values, shape) : values, labels);
                }
                default ->
                    throw new MalformedFileException(
                            name + " has type " + x.type() + ", expected UINT8, or FLOAT32 in [0,1]");
            };
        } catch (IllegalArgumentException e) {
            throw new MalformedFileException(String.valueOf(e.getMessage()), e);
        }
    }

    /** The shape of one example, with channels first. */
    private static int[] shape(Path file, String key, int @Nullable [] x, int[] labels) throws MalformedFileException {
        if (x == null) {
            throw missing(file, key);
        }
        if (x.length < 2 || x.length > 4 || Arrays.stream(x).anyMatch(size -> size == 0)) {
            throw new MalformedFileException(file + ": " + key + " has shape " + Arrays.toString(x)
                    + ", expected N x features, N x height x width, or four dimensions with channels first or last");
        }
        if (x[0] != labels.length) {
            throw new MalformedFileException(
                    file + ": " + key + " has " + x[0] + " examples, but there are " + labels.length + " labels");
        }
        if (isChannelsLast(x)) {
            return new int[] {x[3], x[1], x[2]};
        }
        return x.length == 3 ? new int[] {1, x[1], x[2]} : Arrays.copyOfRange(x, 1, x.length);
    }

    private static boolean isChannelsLast(int[] x) {
        return x.length == 4 && x[1] > 4 && x[3] <= 4;
    }

    /** Examples of height x width x channels as planes of the shape {channels, height, width}. */
    private static byte[] planes(byte[] values, int[] shape) {
        byte[] out = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            out[planar(i, shape)] = values[i];
        }
        return out;
    }

    private static float[] planes(float[] values, int[] shape) {
        float[] out = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            out[planar(i, shape)] = values[i];
        }
        return out;
    }

    /** Where a value at {@code i} with the channels last stands among planes. */
    private static int planar(int i, int[] shape) {
        int channels = shape[0];
        int pixels = shape[1] * shape[2];
        int example = i / (channels * pixels);
        int pixel = i / channels % pixels;
        return (example * channels + i % channels) * pixels + pixel;
    }

    private static int[] labels(Path file, Map<String, NpyArray> arrays, String key) throws MalformedFileException {
        NpyArray y = arrays.get(key);
        if (y == null) {
            throw missing(file, key);
        }
        int[] shape = y.shape();
        boolean integers = y.type() != NpyType.FLOAT32 && y.type() != NpyType.FLOAT64 && y.type() != NpyType.BOOL;
        if (!integers || shape.length == 0 || shape.length > 2 || (shape.length == 2 && shape[1] != 1)) {
            throw new MalformedFileException(
                    file + ": " + key + " is " + y + ", expected one integer label for each example");
        }
        int[] labels;
        try {
            labels = y.ints();
        } catch (ArithmeticException e) {
            throw new MalformedFileException(file + ": " + key + " has a label that passes int32", e);
        }
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] > MAX_LABEL) {
                throw new MalformedFileException(
                        file + ": " + key + " has label " + labels[i] + " at " + i + ", expected 0.." + MAX_LABEL);
            }
        }
        return labels;
    }

    private static int classes(int[] labels) {
        return Arrays.stream(labels).max().orElse(0) + 1;
    }

    private static MalformedFileException missing(Path file, String key) {
        return new MalformedFileException(
                file + ": has no array " + key + ", expected x and y, or x_train, y_train, x_test, y_test");
    }
}
