package org.saddlepoint.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.saddlepoint.format.MalformedFileException;

/** The kinds of data in files, told by what is there: the first of these rules that holds. */
enum PathKind {
    /** A directory with one of MNIST's IDX files. */
    IDX("IDX files"),
    /** The .bin files of CIFAR-10 or CIFAR-100, their directory, or their .tar.gz. */
    CIFAR("CIFAR"),
    /** A .csv or .tsv file, or a directory with train.csv. */
    TABLE("table"),
    /** Any other directory that holds directories. */
    IMAGES("image folder"),
    /** A file that is a zip archive. */
    NPZ("npz");

    private final String label;

    PathKind(String label) {
        this.label = label;
    }

    /** How results call it. */
    String label() {
        return label;
    }

    static PathKind of(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            if (IdxFiles.isOne(path)) {
                return IDX;
            }
            if (CifarFiles.find(path).isPresent()) {
                return CIFAR;
            }
            if (TableDataset.isDirectoryOfOne(path)) {
                return TABLE;
            }
            if (ImageFolder.isOne(path)) {
                return IMAGES;
            }
            throw new MalformedFileException(
                    path + ": no data set is in this directory: expected MNIST's IDX files, CIFAR's .bin files or"
                            + " archive, train.csv and test.csv, or a directory of images for each class");
        }
        if (TableDataset.isOne(path)) {
            return TABLE;
        }
        if (CifarFiles.isArchive(path)) {
            return CIFAR;
        }
        if (!path.toString().endsWith(".npz") && !isZip(path)) {
            throw new MalformedFileException(path + ": not an npz file, a .csv or .tsv table, or CIFAR's .tar.gz");
        }
        return NPZ;
    }

    private static boolean isZip(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] start = in.readNBytes(2);
            return start.length == 2 && start[0] == 'P' && start[1] == 'K';
        }
    }
}
