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
 * <p>Names: {@code mnist}, {@code fashion-mnist}, {@code cifar10} and {@code cifar100} are fetched once into a cache (see
 * {@link DatasetFetcher}); {@code mnist-sample}, MNIST's first 4,000 training and 1,000 test images, is bundled. A name goes
 * before a path of that name ("./mnist" is the path).
 *
 * <p>Paths, by the first of these rules that holds:
 *
 * <ol>
 *   <li>a directory with IDX files of MNIST's names (train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-..., plain or .gz);
 *   <li>CIFAR-10 or CIFAR-100 as published: a directory with the .bin files, with cifar-10-batches-bin or cifar-100-binary,
 *       or with the .tar.gz; or the .tar.gz itself;
 *   <li>a table: a .csv or .tsv file (or .gz), or a directory with train.csv and test.csv;
 *   <li>a directory of images: train/CLASS/*.png and test/CLASS/*.png (or val), or CLASS/*.png; .jpg and .jpeg too;
 *   <li>an npz file with x_train, y_train, x_test and y_test, or with x and y, of which the last sixth is held out as the
 *       test part.
 * </ol>
 *
 * <p>{@link LoadOptions} says what can be chosen for each, and what is held out of tables and images without a test part. The
 * classes of IDX and npz files are as many as their largest label says.
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
     * CIFAR-10: photographs of things and animals, 50,000 to train on and 10,000 to test, fetched at first use (170 MB).
     *
     * @return both parts, byte pixels of shape {3, 32, 32}, 10 classes
     * @throws IOException where no source has it, or the cache cannot be written
     */
    public static Split cifar10() throws IOException {
        return load(NamedDataset.CIFAR_10.id());
    }

    /**
     * CIFAR-100: like CIFAR-10, in 100 classes, fetched at first use (169 MB).
     *
     * @return both parts, byte pixels of shape {3, 32, 32}, 100 classes
     * @throws IOException where no source has it, or the cache cannot be written
     */
    public static Split cifar100() throws IOException {
        return load(NamedDataset.CIFAR_100.id());
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
     * @return mnist, fashion-mnist, cifar10, cifar100, mnist-sample
     */
    public static List<String> names() {
        List<String> names = new ArrayList<>(NamedDataset.ids());
        names.add(SAMPLE);
        return names;
    }

    /**
     * Loads a data set, fetching it in the usual way if need be.
     *
     * @param nameOrPath a name of {@link #names()}, or a path
     * @return both parts
     * @throws UnknownDatasetException where it is neither a name nor an existing path
     * @throws IOException where a file is malformed or cannot be read, or a fetch fails
     */
    public static Split load(String nameOrPath) throws IOException {
        return load(nameOrPath, LoadOptions.NONE);
    }

    /**
     * Loads a data set, fetching it in the usual way if need be.
     *
     * @param nameOrPath a name of {@link #names()}, or a path
     * @param options how to read it
     * @return both parts
     * @throws IllegalArgumentException where it is neither a name nor an existing path, or an option says nothing about it
     * @throws IOException where a file is malformed or cannot be read, or a fetch fails
     */
    public static Split load(String nameOrPath, LoadOptions options) throws IOException {
        return load(nameOrPath, options, DatasetFetcher.standard());
    }

    /**
     * Loads a data set.
     *
     * @param nameOrPath a name of {@link #names()}, or a path
     * @param options how to read it
     * @param fetcher gets it if need be
     * @return both parts
     * @throws IllegalArgumentException where it is neither a name nor an existing path, or an option says nothing about it
     * @throws IOException where a file is malformed or cannot be read, or a fetch fails
     */
    public static Split load(String nameOrPath, LoadOptions options, DatasetFetcher fetcher) throws IOException {
        if (nameOrPath.equals(SAMPLE)) {
            options.requireOnly(SAMPLE + " has nothing to choose");
            return mnistSample();
        }
        for (NamedDataset dataset : NamedDataset.values()) {
            if (dataset.id().equals(nameOrPath)) {
                dataset.info(options);
                return dataset.load(fetcher.fetch(dataset), options);
            }
        }
        Path path = existing(nameOrPath);
        return switch (PathKind.of(path)) {
            case IDX -> {
                options.requireOnly(path + " holds IDX files");
                yield IdxFiles.load(nameOrPath, 0, file -> Idx.read(IdxFiles.find(path, file)));
            }
            case CIFAR -> CifarFiles.find(path).orElseThrow().load(options);
            case TABLE -> TableDataset.load(path, options);
            case IMAGES -> ImageFolder.load(path, options);
            case NPZ -> {
                options.requireOnly(path + " is an npz file");
                yield NpzDataset.load(path);
            }
        };
    }

    /**
     * Says what {@link #load(String)} would give.
     *
     * @param nameOrPath a name of {@link #names()}, or a path
     * @return enough to see whether a model fits
     * @throws UnknownDatasetException where it is neither a name nor an existing path
     * @throws IOException where a file is malformed or cannot be read
     */
    public static DatasetInfo check(String nameOrPath) throws IOException {
        return check(nameOrPath, LoadOptions.NONE);
    }

    /**
     * Says what {@link #load(String, LoadOptions)} would give, without fetching and without reading images: of files, names,
     * sizes, headers and labels are read; of tables all.
     *
     * @param nameOrPath a name of {@link #names()}, or a path
     * @param options how to read it
     * @return enough to see whether a model fits
     * @throws IllegalArgumentException where it is neither a name nor an existing path, or an option says nothing about it
     * @throws IOException where a file is malformed or cannot be read
     */
    public static DatasetInfo check(String nameOrPath, LoadOptions options) throws IOException {
        if (nameOrPath.equals(SAMPLE)) {
            options.requireOnly(SAMPLE + " has nothing to choose");
            return new DatasetInfo(SAMPLE, new int[] {1, 28, 28}, 10, 4_000, 1_000);
        }
        for (NamedDataset dataset : NamedDataset.values()) {
            if (dataset.id().equals(nameOrPath)) {
                return dataset.info(options);
            }
        }
        Path path = existing(nameOrPath);
        return switch (PathKind.of(path)) {
            case IDX -> {
                options.requireOnly(path + " holds IDX files");
                yield IdxFiles.check(path);
            }
            case CIFAR -> CifarFiles.find(path).orElseThrow().check(options);
            case TABLE -> TableDataset.check(path, options);
            case IMAGES -> ImageFolder.check(path, options);
            case NPZ -> {
                options.requireOnly(path + " is an npz file");
                yield NpzDataset.check(path);
            }
        };
    }

    /**
     * What kind of data it is.
     *
     * @param nameOrPath a name of {@link #names()}, or a path
     * @return "named", "IDX files", "CIFAR", "table", "image folder" or "npz"
     * @throws UnknownDatasetException where it is neither a name nor an existing path
     * @throws IOException where nothing there can be recognised, or it cannot be read
     */
    public static String kind(String nameOrPath) throws IOException {
        return names().contains(nameOrPath)
                ? "named"
                : PathKind.of(existing(nameOrPath)).label();
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
