package org.saddlepoint.data;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The two data sets of Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009), in their binary
 * versions: records of one or two label bytes and 3 x 32 x 32 bytes, the planes of red, green and blue.
 */
enum Cifar {
    CIFAR_10("CIFAR-10", "cifar-10-batches-bin", "cifar-10-binary.tar.gz", 1, 10, 0),
    CIFAR_100("CIFAR-100", "cifar-100-binary", "cifar-100-binary.tar.gz", 2, 100, 20);

    /** Bytes of an image. */
    static final int PIXELS = 3 * 32 * 32;

    private final String title;
    private final String directory;
    private final String archive;
    private final int labelBytes;
    private final int classes;
    private final int coarseClasses;

    Cifar(String title, String directory, String archive, int labelBytes, int classes, int coarseClasses) {
        this.title = title;
        this.directory = directory;
        this.archive = archive;
        this.labelBytes = labelBytes;
        this.classes = classes;
        this.coarseClasses = coarseClasses;
    }

    /** How messages call it. */
    String title() {
        return title;
    }

    /** The directory that the published archive unpacks to. */
    String directory() {
        return directory;
    }

    /** The published archive. */
    String archive() {
        return archive;
    }

    List<String> trainFiles() {
        return this == CIFAR_10
                ? IntStream.rangeClosed(1, 5)
                        .mapToObj(i -> "data_batch_" + i + ".bin")
                        .toList()
                : List.of("train.bin");
    }

    List<String> testFiles() {
        return List.of(this == CIFAR_10 ? "test_batch.bin" : "test.bin");
    }

    /** The file that names the classes. */
    String namesFile(boolean coarse) {
        return this == CIFAR_10 ? "batches.meta.txt" : coarse ? "coarse_label_names.txt" : "fine_label_names.txt";
    }

    /** Bytes of a record. */
    int recordBytes() {
        return labelBytes + PIXELS;
    }

    /** Where in a record the label stands: CIFAR-100 has the coarse one first. */
    int labelAt(boolean coarse) {
        return coarse ? 0 : labelBytes - 1;
    }

    int classes(boolean coarse) {
        return coarse ? coarseClasses : classes;
    }
}
