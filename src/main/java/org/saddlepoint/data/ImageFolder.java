package org.saddlepoint.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.data.LoadOptions.Option;
import org.saddlepoint.format.MalformedFileException;
import org.saddlepoint.format.Picture;

/**
 * Images in a directory for each class: {@code DIR/train/CLASS/*.png} and {@code DIR/test/CLASS/*.png} (or {@code val} for
 * {@code test}), or {@code DIR/CLASS/*.png}, of which a share is held out (see {@link LoadOptions#testShare}). Files end in
 * .png, .jpg or .jpeg, in any case; what begins with a dot is passed over. The classes are the directories' names, sorted by
 * their UTF-16 code units, so on every machine alike; the examples are in the order that {@link LoadOptions#splitSeed} draws.
 * {@link Picture} says how images are read and scaled.
 */
final class ImageFolder {
    /** Files decoded before the first failure among them is looked for. */
    private static final int CHUNK = 256;

    private final Path directory;
    private final LoadOptions options;
    private final List<String> classes;
    private final List<Path> trainFiles = new ArrayList<>();
    private final List<Path> testFiles = new ArrayList<>();
    private final List<Integer> trainLabels = new ArrayList<>();
    private final List<Integer> testLabels = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private int passedOver;

    private ImageFolder(Path directory, LoadOptions options) throws IOException {
        this.directory = directory;
        this.options = options;
        Path train = directory.resolve("train");
        Path test = testPart(directory);
        boolean parted =
                test != null && Files.isDirectory(train) && !directories(train).isEmpty();
        if (parted) {
            options.requireOnly(
                    directory + " is a folder of images with parts of its own",
                    Option.IMAGE_SIZE,
                    Option.CHANNELS,
                    Option.SPLIT_SEED);
        } else {
            options.requireOnly(
                    directory + " is a folder of images",
                    Option.IMAGE_SIZE,
                    Option.CHANNELS,
                    Option.TEST_SHARE,
                    Option.SPLIT_SEED);
        }
        Path first = parted ? train : directory;
        this.classes = options.classNames().isEmpty() ? names(directories(first)) : options.classNames();
        if (parted) {
            list(train, trainFiles, trainLabels);
            list(Objects.requireNonNull(test), testFiles, testLabels);
            arrange(trainFiles, trainLabels, Parting.shuffled(trainFiles.size(), options.splitSeed()));
            arrange(testFiles, testLabels, Parting.shuffled(testFiles.size(), options.splitSeed()));
            if (trainFiles.isEmpty() || testFiles.isEmpty()) {
                throw new MalformedFileException(
                        (trainFiles.isEmpty() ? train : test) + ": no images, expected CLASS/*.png");
            }
        } else {
            list(directory, trainFiles, trainLabels);
            holdOut();
        }
        if (passedOver > 0) {
            notes.add(directory + ": " + passedOver + " files that are no .png, .jpg or .jpeg were passed over");
        }
    }

    private static @Nullable Path testPart(Path directory) {
        for (String name : List.of("test", "val")) {
            if (Files.isDirectory(directory.resolve(name))) {
                return directory.resolve(name);
            }
        }
        return null;
    }

    /** Whether a directory looks like a folder of images: it has directories. */
    static boolean isOne(Path directory) throws IOException {
        return !directories(directory).isEmpty();
    }

    static Split load(Path directory, LoadOptions options) throws IOException {
        ImageFolder folder = new ImageFolder(directory, options);
        int[] size = folder.size();
        return new Split(
                folder.part("train", folder.trainFiles, folder.trainLabels, size),
                folder.part("test", folder.testFiles, folder.testLabels, size),
                folder.notes);
    }

    /** What {@link #load} would give, by the files' names and, where no size was asked for, the first one's header. */
    static DatasetInfo check(Path directory, LoadOptions options) throws IOException {
        ImageFolder folder = new ImageFolder(directory, options);
        return new DatasetInfo(
                directory.toString(),
                folder.shape(folder.size()),
                folder.classes.size(),
                folder.trainFiles.size(),
                folder.testFiles.size());
    }

    private int[] size() throws IOException {
        int[] asked = options.imageSize().orElse(null);
        return asked != null ? asked : Picture.readSize(trainFiles.getFirst());
    }

    /** The shape of an example of that size, if an array can hold either part. */
    private int[] shape(int[] size) {
        int[] shape = {options.channels(), size[0], size[1]};
        int files = Math.max(trainFiles.size(), testFiles.size());
        long bytes = (long) files * shape[0] * shape[1] * shape[2];
        if (bytes > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(
                    directory + ": " + files + " images of " + shape[0] + "x" + shape[1] + "x" + shape[2] + " take "
                            + bytes + " bytes, at most 2 GiB can be held: give a smaller image-size");
        }
        return shape;
    }

    private static List<Path> directories(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> Files.isDirectory(file) && !isHidden(file))
                    .sorted((a, b) -> name(a).compareTo(name(b)))
                    .toList();
        }
    }

    private static List<String> names(List<Path> directories) {
        return directories.stream().map(ImageFolder::name).toList();
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    private static boolean isHidden(Path path) {
        return name(path).startsWith(".");
    }

    /** Lists a part's files, class by class, each sorted by name. */
    private void list(Path part, List<Path> files, List<Integer> labels) throws IOException {
        for (Path of : directories(part)) {
            int label = classes.indexOf(name(of));
            if (label < 0) {
                throw new MalformedFileException(of + ": a class that is none of " + shown(classes));
            }
            List<Path> images = images(of);
            if (images.isEmpty()) {
                throw new MalformedFileException(of + ": no .png, .jpg or .jpeg file, expected images of class "
                        + name(of) + (directories(of).isEmpty() ? "" : "; for DIR/CLASS/*.png give its own directory"));
            }
            files.addAll(images);
            images.forEach(image -> labels.add(label));
        }
    }

    private static String shown(List<String> names) {
        return names.size() <= 8
                ? String.join(", ", names)
                : String.join(", ", names.subList(0, 8)) + ", ... (" + names.size() + " classes)";
    }

    private List<Path> images(Path of) throws IOException {
        try (Stream<Path> files = Files.list(of)) {
            List<Path> all = files.filter(file -> !isHidden(file) && Files.isRegularFile(file))
                    .sorted((a, b) -> name(a).compareTo(name(b)))
                    .toList();
            List<Path> images = all.stream().filter(ImageFolder::isImage).toList();
            passedOver += all.size() - images.size();
            return images;
        }
    }

    private static boolean isImage(Path file) {
        String name = name(file).toLowerCase(Locale.ROOT);
        return name.endsWith(".png") || name.endsWith(".jpg") || name.endsWith(".jpeg");
    }

    private void holdOut() throws MalformedFileException {
        int[] labels = trainLabels.stream().mapToInt(Integer::intValue).toArray();
        Parting parting = Parting.of(labels, classes.size(), options.testShare(), options.splitSeed());
        if (parting.test().length == 0) {
            throw new MalformedFileException(
                    directory + ": " + labels.length
                            + " images are too few to hold out a test part: give DIR/train and DIR/test, or a larger test-share");
        }
        testFiles.addAll(trainFiles);
        testLabels.addAll(trainLabels);
        arrange(trainFiles, trainLabels, parting.train());
        arrange(testFiles, testLabels, parting.test());
    }

    /** Keeps the files and labels at these positions, in this order. */
    private static void arrange(List<Path> files, List<Integer> labels, int[] order) {
        List<Path> arranged = Arrays.stream(order).mapToObj(files::get).toList();
        List<Integer> theirs = Arrays.stream(order).mapToObj(labels::get).toList();
        files.clear();
        files.addAll(arranged);
        labels.clear();
        labels.addAll(theirs);
    }

    private Dataset part(String part, List<Path> files, List<Integer> labels, int[] size) throws IOException {
        int[] shape = shape(size);
        int each = shape[0] * shape[1] * shape[2];
        byte[] pixels = new byte[each * files.size()];
        for (int from = 0; from < files.size(); from += CHUNK) {
            int to = Math.min(files.size(), from + CHUNK);
            // The failure of the first file that fails is told, on any number of cores.
            IOException[] failures = new IOException[to - from];
            int chunk = from;
            IntStream.range(from, to).parallel().forEach(i -> {
                try {
                    byte[] image = read(files.get(i), size);
                    System.arraycopy(image, 0, pixels, i * image.length, image.length);
                } catch (IOException e) {
                    failures[i - chunk] = e;
                }
            });
            for (IOException failure : failures) {
                if (failure != null) {
                    throw failure;
                }
            }
        }
        return Dataset.ofBytes(
                        directory + "/" + part,
                        shape,
                        classes.size(),
                        pixels,
                        labels.stream().mapToInt(Integer::intValue).toArray())
                .withClassNames(classes);
    }

    private byte[] read(Path file, int[] size) throws IOException {
        Picture picture = Picture.read(file, options.channels());
        if (options.imageSize().isPresent()) {
            return picture.scaled(size[0], size[1]).planes();
        }
        if (picture.height() != size[0] || picture.width() != size[1]) {
            throw new MalformedFileException(file + ": " + picture.height() + "x" + picture.width() + " pixels, but "
                    + trainFiles.getFirst() + " has " + size[0] + "x" + size[1] + ": give an image-size");
        }
        return picture.planes();
    }
}
