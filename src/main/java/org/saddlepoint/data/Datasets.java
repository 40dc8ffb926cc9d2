package org.saddlepoint.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.saddlepoint.format.Idx;

/**
 * The data sets by name, and data sets in files.
 *
 * <p>Names: {@code mnist} and {@code fashion-mnist} are fetched once into a cache (see {@link DatasetFetcher}); {@code
 * mnist-sample}, MNIST's first 4,000 training and 1,000 test images, is bundled. Paths: a directory of IDX files of MNIST's
 * names (train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-..., plain or .gz), or an npz file with x_train, y_train, x_test
 * and y_test, or with x and y, of which the last sixth is held out as the test part. A name goes before a path of that name
 * ("./mnist" is the path). The classes of files are as many as their largest label says.
 */
public final class Datasets {
    private static final String SAMPLE = "mnist-sample";

    private Datasets() {}

    /**
     * MNIST: handwritten digits, 60,000 to train on and 10,000 to test, fetched at first use.
     *
     * @return both parts, byte pixels of shape {1, 28, 28}, 10 classes
     * @throws IOException where no source has it, or the cache cannot be written
     */
    public static Split mnist() throws IOException {
        return load(NamedDataset.MNIST.id());
    }

    /**
     * Fashion-MNIST: pictures of clothes in MNIST's layout, fetched at first use.
     *
     * @return both parts, byte pixels of shape {1, 28, 28}, 10 classes
     * @throws IOException where no source has it, or the cache cannot be written
     */
    public static Split fashionMnist() throws IOException {
        return load(NamedDataset.FASHION_MNIST.id());
    }

    /**
     * The first 4,000 training and 1,000 test images of MNIST, bundled: needs no network and no cache.
     *
     * @return both parts, byte pixels of shape {1, 28, 28}, 10 classes
     * @throws IOException where this library's own files are damaged
     */
    public static Split mnistSample() throws IOException {
        return IdxFiles.load(SAMPLE, 10, name -> {
            String resource = SAMPLE + "/" + name + ".gz";
            try (InputStream in = Datasets.class.getResourceAsStream(resource)) {
                if (in == null) {
                    throw new FileNotFoundException("resource " + resource + " is missing from this library");
                }
                return Idx.read(in, resource);
            }
        });
    }

    /**
     * The names that {@link #load} knows.
     *
     * @return mnist, fashion-mnist, mnist-sample
     */
    public static List<String> names() {
        List<String> names = new ArrayList<>(NamedDataset.ids());
        names.add(SAMPLE);
        return names;
    }

    /**
     * Loads a data set, fetching it in the usual way if need be.
     *
     * @param nameOrPath a name of {@link #names()}, a directory of IDX files, or an npz file
     * @return both parts
     * @throws UnknownDatasetException where it is neither a name nor an existing path
     * @throws IOException where a file is malformed or cannot be read, or a fetch fails
     */
    public static Split load(String nameOrPath) throws IOException {
        return load(nameOrPath, DatasetFetcher.standard());
    }

    /**
     * Loads a data set.
     *
     * @param nameOrPath a name of {@link #names()}, a directory of IDX files, or an npz file
     * @param fetcher gets it if need be
     * @return both parts
     * @throws UnknownDatasetException where it is neither a name nor an existing path
     * @throws IOException where a file is malformed or cannot be read, or a fetch fails
     */
    public static Split load(String nameOrPath, DatasetFetcher fetcher) throws IOException {
        if (nameOrPath.equals(SAMPLE)) {
            return mnistSample();
        }
        for (NamedDataset dataset : NamedDataset.values()) {
            if (dataset.id().equals(nameOrPath)) {
                Path directory = fetcher.fetch(dataset);
                return IdxFiles.load(dataset.id(), 10, file -> Idx.read(directory.resolve(file)));
            }
        }
        Path path = existing(nameOrPath);
        if (Files.isDirectory(path)) {
            return IdxFiles.load(nameOrPath, 0, file -> Idx.read(IdxFiles.find(path, file)));
        }
        return NpzDataset.load(path);
    }

    /**
     * Says what {@link #load} would give, without fetching and without reading images: of files, the shapes in their
     * headers and the labels are read.
     *
     * @param nameOrPath a name of {@link #names()}, a directory of IDX files, or an npz file
     * @return enough to see whether a model fits
     * @throws UnknownDatasetException where it is neither a name nor an existing path
     * @throws IOException where a file is malformed or cannot be read
     */
    public static DatasetInfo check(String nameOrPath) throws IOException {
        if (nameOrPath.equals(SAMPLE)) {
            return new DatasetInfo(SAMPLE, new int[] {1, 28, 28}, 10, 4_000, 1_000);
        }
        for (NamedDataset dataset : NamedDataset.values()) {
            if (dataset.id().equals(nameOrPath)) {
                return dataset.info();
            }
        }
        Path path = existing(nameOrPath);
        return Files.isDirectory(path) ? IdxFiles.check(path) : NpzDataset.check(path);
    }

    private static Path existing(String nameOrPath) {
        try {
            Path path = Path.of(nameOrPath);
            if (!nameOrPath.isEmpty() && Files.exists(path)) {
                return path;
            }
        } catch (InvalidPathException e) {
            // Then it is no path, which the exception below says.
        }
        throw new UnknownDatasetException(nameOrPath, names());
    }
}
