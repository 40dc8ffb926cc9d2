package org.saddlepoint.data;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Labelled examples, immutable, in host memory. Pixels are either bytes (value {@code k} stands for {@code k/255}) or
 * float32 in [0,1]; labels are in {@code [0, classes)}. An example's index is its position: random starts follow from it.
 */
public final class Dataset {
    private final String name;
    private final int[] shape;
    private final int classes;
    private final byte @Nullable [] bytes;
    private final float @Nullable [] floats;
    private final int[] labels;
    private final List<String> classNames;
    private final Optional<Scaling> scaling;

    private Dataset(
            String name,
            int[] shape,
            int classes,
            byte @Nullable [] bytes,
            float @Nullable [] floats,
            int[] labels,
            List<String> classNames,
            Optional<Scaling> scaling) {
        this.name = Objects.requireNonNull(name);
        this.shape = shape.clone();
        this.classes = classes;
        this.bytes = bytes;
        this.floats = floats;
        this.labels = labels;
        this.classNames = List.copyOf(classNames);
        this.scaling = scaling;
        if (!classNames.isEmpty() && classNames.size() != classes) {
            throw new IllegalArgumentException(
                    "data set " + name + ": " + classNames.size() + " class names for " + classes + " classes");
        }
        long length = bytes != null ? bytes.length : Objects.requireNonNull(floats).length;
        if (length != (long) labels.length * features()) {
            throw new IllegalArgumentException("data set " + name + ": " + length + " values for " + labels.length
                    + " examples of shape " + Arrays.toString(shape));
        }
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException("data set " + name + ": label " + labels[i] + " of example " + i
                        + " is outside 0.." + (classes - 1));
            }
        }
        if (floats != null) {
            for (int i = 0; i < floats.length; i++) {
                if (!(floats[i] >= 0f && floats[i] <= 1f)) {
                    throw new IllegalArgumentException("data set " + name + ": value " + floats[i] + " of example "
                            + i / features() + " is outside [0,1]");
                }
            }
        }
    }

    /**
     * A data set of byte pixels; the arrays are taken over, not copied.
     *
     * @param name how messages call it
     * @param shape of one example, such as {1, 28, 28}: channels, height, width
     * @param classes the number of classes
     * @param pixels N x features, row-major, each standing for k/255
     * @param labels N labels in [0, classes)
     * @return the data set
     * @throws IllegalArgumentException where lengths do not fit or a label is out of range
     */
    public static Dataset ofBytes(String name, int[] shape, int classes, byte[] pixels, int[] labels) {
        return new Dataset(name, shape, classes, pixels, null, labels, List.of(), Optional.empty());
    }

    /**
     * A data set of float32 values; the arrays are taken over, not copied.
     *
     * @param name how messages call it
     * @param shape of one example
     * @param classes the number of classes
     * @param values N x features, row-major, in [0,1]
     * @param labels N labels in [0, classes)
     * @return the data set
     * @throws IllegalArgumentException where lengths do not fit, a label is out of range, or a value is NaN or outside
     *     [0,1]
     */
    public static Dataset ofFloats(String name, int[] shape, int classes, float[] values, int[] labels) {
        return new Dataset(name, shape, classes, null, values, labels, List.of(), Optional.empty());
    }

    /**
     * How messages call it.
     *
     * @return the name
     */
    public String name() {
        return name;
    }

    /**
     * The shape of one example.
     *
     * @return a copy, such as {1, 28, 28}
     */
    public int[] shape() {
        return shape.clone();
    }

    /**
     * Values per example.
     *
     * @return the product of the shape
     */
    public int features() {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    /**
     * The number of classes.
     *
     * @return at least 1
     */
    public int classes() {
        return classes;
    }

    /**
     * What the classes are called.
     *
     * @return as many names as classes, in the order of the labels; none where they are not known
     */
    public List<String> classNames() {
        return classNames;
    }

    /**
     * The same examples with names for their classes.
     *
     * @param names as many as classes, or none
     * @return a data set over the same arrays
     * @throws IllegalArgumentException where the names are of another number
     */
    public Dataset withClassNames(List<String> names) {
        return new Dataset(name, shape, classes, bytes, floats, labels, names, scaling);
    }

    /**
     * How a table's features were brought to [0,1]; a radius is in units of what comes out of it.
     *
     * @return the scaling, fitted to the training part; empty for data that need none
     */
    public Optional<Scaling> scaling() {
        return scaling;
    }

    /**
     * The same examples, said to have come from a scaling; their values are not changed.
     *
     * @param applied to the raw features
     * @return a data set over the same arrays
     * @throws IllegalArgumentException where it scales another number of features
     */
    public Dataset withScaling(Scaling applied) {
        if (applied.features() != features()) {
            throw new IllegalArgumentException("data set " + name + ": a scaling of " + applied.features()
                    + " features for examples of " + features());
        }
        return new Dataset(name, shape, classes, bytes, floats, labels, classNames, Optional.of(applied));
    }

    /**
     * How many examples each class has.
     *
     * @return as many counts as classes
     */
    public int[] classCounts() {
        int[] counts = new int[classes];
        for (int label : labels) {
            counts[label]++;
        }
        return counts;
    }

    /**
     * The number of examples.
     *
     * @return N
     */
    public int size() {
        return labels.length;
    }

    /**
     * The byte pixels, if this data set is stored as bytes.
     *
     * @return the array itself, not to be changed, or null
     */
    public byte @Nullable [] bytes() {
        return bytes;
    }

    /**
     * The float32 values, if this data set is stored as floats.
     *
     * @return the array itself, not to be changed, or null
     */
    public float @Nullable [] floats() {
        return floats;
    }

    /**
     * The labels.
     *
     * @return the array itself, not to be changed
     */
    public int[] labels() {
        return labels;
    }

    /**
     * The values of a range of examples as float32.
     *
     * @param from the first example
     * @param to one past the last
     * @return (to - from) x features
     */
    public float[] values(int from, int to) {
        int d = features();
        if (floats != null) {
            return Arrays.copyOfRange(floats, from * d, to * d);
        }
        byte[] source = Objects.requireNonNull(bytes);
        float[] out = new float[(to - from) * d];
        for (int i = 0; i < out.length; i++) {
            out[i] = (source[from * d + i] & 0xff) / 255f;
        }
        return out;
    }

    /**
     * The values of some examples as float32.
     *
     * @param indices positions of the examples
     * @return indices.length x features
     */
    public float[] values(int[] indices) {
        int d = features();
        float[] out = new float[indices.length * d];
        for (int i = 0; i < indices.length; i++) {
            System.arraycopy(values(indices[i], indices[i] + 1), 0, out, i * d, d);
        }
        return out;
    }

    /**
     * A range of examples as a data set of its own, numbered anew from 0.
     *
     * @param from the first example
     * @param to one past the last
     * @return the part
     */
    public Dataset range(int from, int to) {
        Objects.checkFromToIndex(from, to, size());
        int d = features();
        return new Dataset(
                name,
                shape,
                classes,
                bytes == null ? null : Arrays.copyOfRange(bytes, from * d, to * d),
                floats == null ? null : Arrays.copyOfRange(floats, from * d, to * d),
                Arrays.copyOfRange(labels, from, to),
                classNames,
                scaling);
    }

    /**
     * At most the first {@code count} examples.
     *
     * @param count 0 or more
     * @return this data set, or its beginning
     */
    public Dataset limit(int count) {
        return count >= size() ? this : range(0, count);
    }
}
