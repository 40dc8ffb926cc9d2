package org.saddlepoint.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.data.LoadOptions.Option;
import org.saddlepoint.format.MalformedFileException;

/**
 * A data set of CSV files: {@code train.csv} and {@code test.csv} in a directory, or one file, of which a share is held out
 * (see {@link LoadOptions#testShare}). Each row has features, which are numbers, and a label; the classes are the labels that
 * there are, sorted as numbers if all are integers, else as text. Features are brought to [0,1] by a {@link Scaling} fitted
 * to the training part alone; examples are in the order that {@link LoadOptions#splitSeed} draws.
 */
final class TableDataset {
    /** More would be a measured value taken for a label. */
    private static final int MAX_CLASSES = 1000;

    private static final List<String> ENDINGS = List.of(".csv", ".csv.gz", ".tsv", ".tsv.gz");

    private final Path path;
    private final LoadOptions options;
    private final Table trainTable;
    private final Table testTable;
    private final int[] trainRows;
    private final int[] testRows;
    private final List<String> classes;
    private final List<String> notes = new ArrayList<>();

    private TableDataset(Path path, LoadOptions options) throws IOException {
        this.path = path;
        this.options = options;
        if (Files.isDirectory(path)) {
            options.requireOnly(
                    path + " holds tables with parts of their own",
                    Option.LABEL_COLUMN,
                    Option.HEADER,
                    Option.SEPARATOR,
                    Option.SPLIT_SEED);
            Path test = find(path, "test");
            if (test == null) {
                throw new MalformedFileException(path + ": a train.csv without a test.csv beside it");
            }
            trainTable = Table.read(Objects.requireNonNull(find(path, "train")), options);
            testTable = Table.read(test, options);
            if (trainTable.features() != testTable.features()
                    || !trainTable.names().equals(testTable.names())) {
                throw new MalformedFileException(path + ": the training part has the features " + described(trainTable)
                        + ", the test part " + described(testTable));
            }
            trainRows = Parting.shuffled(trainTable.rows().size(), options.splitSeed());
            testRows = Parting.shuffled(testTable.rows().size(), options.splitSeed());
            classes = classes();
        } else {
            options.requireOnly(
                    path + " is a table",
                    Option.LABEL_COLUMN,
                    Option.HEADER,
                    Option.SEPARATOR,
                    Option.TEST_SHARE,
                    Option.SPLIT_SEED);
            trainTable = Table.read(path, options);
            testTable = trainTable;
            classes = classes();
            Parting parting = Parting.of(labels(trainTable), classes.size(), options.testShare(), options.splitSeed());
            trainRows = parting.train();
            testRows = parting.test();
            if (testRows.length == 0) {
                throw new MalformedFileException(path + ": " + trainTable.rows().size()
                        + " rows are too few to hold out a test part: give a directory with train.csv and test.csv,"
                        + " or a larger test-share");
            }
        }
    }

    /** Whether a file's name is that of a table. */
    static boolean isOne(Path file) {
        return ENDINGS.stream().anyMatch(file.toString().toLowerCase(Locale.ROOT)::endsWith);
    }

    /** Whether a directory holds a training part. */
    static boolean isDirectoryOfOne(Path directory) {
        return find(directory, "train") != null;
    }

    private static @Nullable Path find(Path directory, String part) {
        return ENDINGS.stream()
                .map(ending -> directory.resolve(part + ending))
                .filter(Files::isRegularFile)
                .findFirst()
                .orElse(null);
    }

    static Split load(Path path, LoadOptions options) throws IOException {
        TableDataset set = new TableDataset(path, options);
        Scaling scaling =
                options.scaling().isPresent() ? set.known(options.scaling().get()) : set.fitted();
        set.notes.add(path + ": labels in " + set.trainTable.labelName() + ", " + set.trainTable.features()
                + " features" + (set.trainTable.names().isEmpty() ? " (no header)" : ""));
        Dataset train = set.part("train", set.trainTable, set.trainRows, scaling);
        Dataset test = set.part("test", set.testTable, set.testRows, scaling);
        return new Split(train, test, set.notes);
    }

    /** What {@link #load} would give. The rows have to be read for it. */
    static DatasetInfo check(Path path, LoadOptions options) throws IOException {
        TableDataset set = new TableDataset(path, options);
        if (options.scaling().isPresent()) {
            set.known(options.scaling().get());
        }
        return new DatasetInfo(
                path.toString(),
                new int[] {set.trainTable.features()},
                set.classes.size(),
                set.trainRows.length,
                set.testRows.length);
    }

    private static String described(Table table) {
        return table.names().isEmpty() ? table.features() + " without names" : shown(table.names());
    }

    private static String shown(List<String> names) {
        return names.size() <= 8
                ? String.join(", ", names)
                : String.join(", ", names.subList(0, 8)) + ", ... (" + names.size() + ")";
    }

    private List<String> classes() throws MalformedFileException {
        if (!options.classNames().isEmpty()) {
            return options.classNames();
        }
        TreeSet<String> distinct = new TreeSet<>(trainTable.labels());
        distinct.addAll(testTable.labels());
        if (distinct.size() > MAX_CLASSES) {
            throw new MalformedFileException(path + ": " + trainTable.labelName() + " has " + distinct.size()
                    + " different values, at most " + MAX_CLASSES + " classes: is it the label-column?");
        }
        List<String> sorted = new ArrayList<>(distinct);
        if (sorted.stream().allMatch(label -> label.matches("-?\\d{1,18}"))) {
            sorted.sort(Comparator.comparingLong(Long::parseLong));
        }
        return sorted;
    }

    private int[] labels(Table table) {
        Map<String, Integer> index = new HashMap<>();
        classes.forEach(name -> index.put(name, index.size()));
        return table.labels().stream()
                .mapToInt(label -> Objects.requireNonNull(index.get(label)))
                .toArray();
    }

    private Scaling fitted() {
        int features = trainTable.features();
        List<Double> low = new ArrayList<>(Collections.nCopies(features, Double.POSITIVE_INFINITY));
        List<Double> high = new ArrayList<>(Collections.nCopies(features, Double.NEGATIVE_INFINITY));
        for (int i : trainRows) {
            double[] row = trainTable.rows().get(i);
            for (int j = 0; j < features; j++) {
                if (row[j] < low.get(j)) {
                    low.set(j, row[j]);
                }
                if (row[j] > high.get(j)) {
                    high.set(j, row[j]);
                }
            }
        }
        return new Scaling(trainTable.names(), low, high);
    }

    /** A scaling of earlier data, if it is one of these features. */
    private Scaling known(Scaling scaling) throws MalformedFileException {
        List<String> names = trainTable.names();
        if (scaling.features() != trainTable.features()) {
            throw new MalformedFileException(path + ": " + trainTable.features() + " features, but those of the model's"
                    + " training were " + scaling.features());
        }
        if (!names.isEmpty() && !scaling.names().isEmpty() && !names.equals(scaling.names())) {
            throw new MalformedFileException(path + ": the features are " + shown(names)
                    + ", but those of the model's training were " + shown(scaling.names()));
        }
        return scaling;
    }

    private Dataset part(String part, Table table, int[] rows, Scaling scaling) {
        int features = table.features();
        float[] values = new float[Math.multiplyExact(rows.length, features)];
        int[] all = labels(table);
        int[] labels = new int[rows.length];
        int clipped = 0;
        for (int i = 0; i < rows.length; i++) {
            clipped += scaling.apply(table.rows().get(rows[i]), values, i * features);
            labels[i] = all[rows[i]];
        }
        if (clipped > 0) {
            notes.add(path + ": " + clipped + " of " + values.length + " values of the " + part
                    + " part lie outside the training data's ranges and were clipped to them");
        }
        return Dataset.ofFloats(path + "/" + part, new int[] {features}, classes.size(), values, labels)
                .withClassNames(classes)
                .withScaling(scaling);
    }
}
