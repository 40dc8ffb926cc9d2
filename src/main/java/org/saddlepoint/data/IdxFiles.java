package org.saddlepoint.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.saddlepoint.format.Idx;
import org.saddlepoint.format.MalformedFileException;

/** MNIST's layout: four IDX files of standard names, images N x height x width and labels N, for training and test. */
final class IdxFiles {
    static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
    static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
    static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
    static final String TEST_LABELS = "t10k-labels-idx1-ubyte";

    private IdxFiles() {}

    /** Reads one of the four files by its standard name. */
    interface Opener {
        Idx read(String standardName) throws IOException;
    }

    /** Whether a directory holds one of the four files. */
    static boolean isOne(Path directory) {
        for (String name : List.of(TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)) {
            if (Files.isRegularFile(directory.resolve(name)) || Files.isRegularFile(directory.resolve(name + ".gz"))) {
                return true;
            }
        }
        return false;
    }

    /** The path of a file of a standard name, plain or else with ".gz". */
    static Path find(Path directory, String standardName) throws FileNotFoundException {
        Path plain = directory.resolve(standardName);
        Path packed = directory.resolve(standardName + ".gz");
        if (Files.isRegularFile(plain)) {
            return plain;
        }
        if (Files.isRegularFile(packed)) {
            return packed;
        }
        throw new FileNotFoundException(directory + ": no file " + standardName + " or " + standardName + ".gz");
    }

    /**
     * Loads both parts.
     *
     * @param where how messages call the place
     * @param classes how many, or 0 for as many as the largest label of both parts says
     */
    static Split load(String where, int classes, Opener opener) throws IOException {
        Idx trainLabels = labels(where, TRAIN_LABELS, opener);
        Idx testLabels = labels(where, TEST_LABELS, opener);
        int known = classes > 0 ? classes : Math.max(largest(trainLabels), largest(testLabels)) + 1;
        Idx trainImages = opener.read(TRAIN_IMAGES);
        Idx testImages = opener.read(TEST_IMAGES);
        checkSame(where, trainImages.shape(), testImages.shape());
        return new Split(
                part(where, "train", known, trainImages, trainLabels),
                part(where, "test", known, testImages, testLabels));
    }

    /** What {@link #load} would give for a directory, by the images' headers and the labels. */
    static DatasetInfo check(Path directory) throws IOException {
        int[] train = Idx.readShape(find(directory, TRAIN_IMAGES));
        int[] test = Idx.readShape(find(directory, TEST_IMAGES));
        Opener opener = name -> Idx.read(find(directory, name));
        Idx trainLabels = labels(directory.toString(), TRAIN_LABELS, opener);
        Idx testLabels = labels(directory.toString(), TEST_LABELS, opener);
        checkSame(directory.toString(), train, test);
        checkImages(directory.toString(), "train", train, trainLabels);
        checkImages(directory.toString(), "test", test, testLabels);
        return new DatasetInfo(
                directory.toString(),
                new int[] {1, train[1], train[2]},
                Math.max(largest(trainLabels), largest(testLabels)) + 1,
                train[0],
                test[0]);
    }

    private static Dataset part(String where, String part, int classes, Idx images, Idx labels) throws IOException {
        int[] shape = images.shape();
        checkImages(where, part, shape, labels);
        try {
            return Dataset.ofBytes(
                    where + "/" + part, new int[] {1, shape[1], shape[2]}, classes, images.values(), ints(labels));
        } catch (IllegalArgumentException e) {
            throw new MalformedFileException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Each N x height x width; N may differ. */
    private static void checkSame(String where, int[] train, int[] test) throws MalformedFileException {
        if (train.length == 3 && test.length == 3 && (train[1] != test[1] || train[2] != test[2])) {
            throw new MalformedFileException(where + ": training images are " + train[1] + "x" + train[2]
                    + ", test images " + test[1] + "x" + test[2]);
        }
    }

    private static void checkImages(String where, String part, int[] images, Idx labels) throws MalformedFileException {
        if (images.length != 3 || images[0] < 1 || images[1] < 1 || images[2] < 1) {
            throw new MalformedFileException(where + ": " + part + " images have shape " + Arrays.toString(images)
                    + ", expected examples x height x width, none of them 0");
        }
        if (images[0] != labels.values().length) {
            throw new MalformedFileException(
                    where + ": " + images[0] + " " + part + " images but " + labels.values().length + " labels");
        }
    }

    private static Idx labels(String where, String name, Opener opener) throws IOException {
        Idx labels = opener.read(name);
        if (labels.shape().length != 1) {
            throw new MalformedFileException(
                    where + ": " + name + " has shape " + Arrays.toString(labels.shape()) + ", expected one dimension");
        }
        return labels;
    }

    private static int largest(Idx labels) {
        return Arrays.stream(ints(labels)).max().orElse(0);
    }

    private static int[] ints(Idx labels) {
        int[] out = new int[labels.values().length];
        for (int i = 0; i < out.length; i++) {
            out[i] = labels.values()[i] & 0xff;
        }
        return out;
    }
}
