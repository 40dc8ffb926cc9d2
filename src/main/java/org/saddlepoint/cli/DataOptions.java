package org.saddlepoint.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.data.DatasetInfo;
import org.saddlepoint.data.Datasets;
import org.saddlepoint.data.Split;
import org.saddlepoint.report.Meter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What to train on and to measure with. */
final class DataOptions {
    @Option(
            names = "--data",
            paramLabel = "DATA",
            defaultValue = "mnist",
            description = "mnist, fashion-mnist, cifar10, cifar100 (fetched at first use), mnist-sample (bundled), or a"
                    + " path: a directory of IDX files, of CIFAR's .bin files or its .tar.gz, of train.csv and test.csv, or"
                    + " of images as CLASS/*.png or train/CLASS/*.png and test/CLASS/*.png; a .csv, .tsv or .npz file."
                    + " Default: ${DEFAULT-VALUE}.")
    private String data;

    @Mixin
    private LoadOptionGroup reading;

    @Option(
            names = "--validation",
            paramLabel = "N",
            description =
                    "Hold out the last N training examples: figures of epochs come from them, and the epoch of the"
                            + " highest robust accuracy on them is kept. Without it, the last epoch is, and figures of"
                            + " epochs come from the first 1,000 test examples, for display only.")
    private @Nullable Integer validation;

    @Option(names = "--limit-train", paramLabel = "N", description = "Use the first N training examples only.")
    private @Nullable Integer limitTrain;

    @Option(names = "--limit-test", paramLabel = "N", description = "Use the first N test examples only.")
    private @Nullable Integer limitTest;

    /** What is known of the data before they are fetched; all options checked. */
    DatasetInfo check() throws IOException {
        DatasetInfo info = Datasets.check(data, reading.options());
        requireLimit("--limit-train", limitTrain);
        requireLimit("--limit-test", limitTest);
        int train = limitTrain == null ? info.trainSize() : Math.min(limitTrain, info.trainSize());
        if (validation != null && (validation < 1 || validation >= train)) {
            throw new UsageException("--validation is " + validation + ": it must lie in 1.." + (train - 1) + ", for "
                    + train + " training examples");
        }
        return info;
    }

    private static void requireLimit(String option, @Nullable Integer value) {
        if (value != null) {
            Require.atLeast(option, value, 1);
        }
    }

    /**
     * The data as this run uses them.
     *
     * @param train to train on
     * @param watched to measure epochs with: held out, or else the beginning of the test part
     * @param heldOut whether they are held out
     * @param test to measure the result with
     */
    record Parts(Dataset train, Dataset watched, boolean heldOut, Dataset test) {}

    Parts load(Meter meter) throws IOException {
        Split split = Datasets.load(data, reading.options(), Fetching.with(meter));
        split.notes().forEach(meter::say);
        Dataset train = limitTrain == null ? split.train() : split.train().limit(limitTrain);
        Dataset test = limitTest == null ? split.test() : split.test().limit(limitTest);
        if (validation == null) {
            return new Parts(train, test.limit(1000), false, test);
        }
        int kept = train.size() - validation;
        return new Parts(train.range(0, kept), train.range(kept, train.size()), true, test);
    }

    /** How the data are read, as it was said. */
    Map<String, String> reading() {
        return reading.said();
    }

    /** The data's name, or the path from the root. */
    String absolute() {
        return absolute(data);
    }

    static String absolute(String data) {
        return Datasets.names().contains(data)
                ? data
                : Path.of(data).toAbsolutePath().normalize().toString();
    }
}
