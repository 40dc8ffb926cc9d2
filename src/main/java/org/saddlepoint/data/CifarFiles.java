package org.saddlepoint.data;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.data.LoadOptions.Option;
import org.saddlepoint.format.Gzip;
import org.saddlepoint.format.MalformedFileException;

/**
 * CIFAR-10 or CIFAR-100 as published: the .bin files in a directory, or the .tar.gz that holds them. Each file may have any
 * number of whole records, so that parts of the published ones serve too.
 *
 * <p>Memory: of a file's claimed size nothing is allocated beforehand; at most {@link #MAX_FILE} bytes of each are read.
 *
 * @param cifar which of the two
 * @param path a directory with the .bin files, or an archive
 */
record CifarFiles(Cifar cifar, Path path) {
    /** The most bytes of a file: the largest published one has 154 million. */
    private static final int MAX_FILE = 1 << 28;

    private static final int MAX_NAMES = 1 << 16;

    /** Finds either data set at a path: its files, its directory or its archive there, or the path itself an archive. */
    static Optional<CifarFiles> find(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            return isArchive(path) ? Optional.of(new CifarFiles(inArchive(path), path)) : Optional.empty();
        }
        for (Cifar cifar : Cifar.values()) {
            List<String> bins = new ArrayList<>(cifar.trainFiles());
            bins.addAll(cifar.testFiles());
            if (bins.stream().anyMatch(name -> Files.isRegularFile(path.resolve(name)))) {
                return Optional.of(new CifarFiles(cifar, path));
            }
            for (String inside : List.of(cifar.directory(), cifar.archive())) {
                if (Files.exists(path.resolve(inside))) {
                    return Optional.of(new CifarFiles(cifar, path.resolve(inside)));
                }
            }
        }
        return Optional.empty();
    }

    /** Whether a file's name is that of an archive. */
    static boolean isArchive(Path path) {
        String name = path.toString();
        return name.endsWith(".tar.gz") || name.endsWith(".tgz") || name.endsWith(".tar");
    }

    private static Cifar inArchive(Path archive) throws IOException {
        Cifar[] found = new Cifar[1];
        each(archive, (name, content, size) -> {
            for (Cifar cifar : Cifar.values()) {
                if (cifar.trainFiles().contains(name) || cifar.testFiles().contains(name)) {
                    found[0] = cifar;
                }
            }
            return found[0] == null;
        });
        if (found[0] == null) {
            throw new MalformedFileException(archive
                    + ": an archive without data_batch_1.bin or train.bin, expected that of CIFAR-10 or CIFAR-100");
        }
        return found[0];
    }

    Split load(LoadOptions options) throws IOException {
        check(options, false);
        boolean coarse = options.coarseLabels();
        Map<String, byte[]> files = new HashMap<>();
        each((name, content, size) -> {
            if (isWanted(name) || name.equals(cifar.namesFile(coarse))) {
                files.put(name, bytes(name, content));
            }
            return true;
        });
        byte[] text = files.get(cifar.namesFile(coarse));
        List<String> names = text == null ? List.of() : names(coarse, text);
        return new Split(
                part("train", cifar.trainFiles(), files, coarse).withClassNames(names),
                part("test", cifar.testFiles(), files, coarse).withClassNames(names));
    }

    /** What {@link #load} would give, by the files' sizes. */
    DatasetInfo check(LoadOptions options) throws IOException {
        return check(options, true);
    }

    private DatasetInfo check(LoadOptions options, boolean sizes) throws IOException {
        if (cifar == Cifar.CIFAR_100) {
            options.requireOnly(path + " holds CIFAR-100", Option.LABELS);
        } else {
            options.requireOnly(path + " holds CIFAR-10");
        }
        Map<String, Long> lengths = new HashMap<>();
        if (sizes) {
            each((name, content, size) -> {
                lengths.put(name, size);
                return true;
            });
        }
        return new DatasetInfo(
                path.toString(),
                new int[] {3, 32, 32},
                cifar.classes(options.coarseLabels()),
                sizes ? records(cifar.trainFiles(), lengths) : 0,
                sizes ? records(cifar.testFiles(), lengths) : 0);
    }

    private int records(List<String> names, Map<String, Long> lengths) throws IOException {
        int records = 0;
        for (String name : names) {
            records += records(name, lengths.get(name));
        }
        return records;
    }

    private int records(String name, @Nullable Long length) throws IOException {
        if (length == null) {
            throw new FileNotFoundException(path + ": no file " + name + ", which " + cifar.title() + " has");
        }
        if (length == 0 || length % cifar.recordBytes() != 0 || length > MAX_FILE) {
            throw new MalformedFileException(
                    path + ": " + name + " has " + length + " bytes, expected whole records of " + cifar.recordBytes()
                            + ", at least one, at most " + MAX_FILE + " bytes");
        }
        return (int) (length / cifar.recordBytes());
    }

    private boolean isWanted(String name) {
        return cifar.trainFiles().contains(name) || cifar.testFiles().contains(name);
    }

    private Dataset part(String part, List<String> names, Map<String, byte[]> files, boolean coarse)
            throws IOException {
        Map<String, Long> lengths = new HashMap<>();
        files.forEach((name, content) -> lengths.put(name, (long) content.length));
        int[] labels = new int[records(names, lengths)];
        byte[] pixels;
        try {
            pixels = new byte[Math.multiplyExact(labels.length, Cifar.PIXELS)];
        } catch (ArithmeticException e) {
            throw new MalformedFileException(path + ": " + labels.length + " images are more than 2 GiB", e);
        }
        int at = 0;
        for (String name : names) {
            byte[] content = Objects.requireNonNull(files.remove(name));
            for (int i = 0; i < content.length; i += cifar.recordBytes()) {
                labels[at] = content[i + cifar.labelAt(coarse)] & 0xff;
                if (labels[at] >= cifar.classes(coarse)) {
                    throw new MalformedFileException(path + ": " + name + " has label " + labels[at] + " in record "
                            + i / cifar.recordBytes() + ", expected 0.." + (cifar.classes(coarse) - 1));
                }
                System.arraycopy(
                        content, i + cifar.recordBytes() - Cifar.PIXELS, pixels, at * Cifar.PIXELS, Cifar.PIXELS);
                at++;
            }
        }
        return Dataset.ofBytes(path + "/" + part, new int[] {3, 32, 32}, cifar.classes(coarse), pixels, labels);
    }

    private List<String> names(boolean coarse, byte[] text) throws MalformedFileException {
        List<String> names = new String(text, StandardCharsets.UTF_8)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
        if (names.size() != cifar.classes(coarse)) {
            throw new MalformedFileException(path + ": " + cifar.namesFile(coarse) + " names " + names.size()
                    + " classes, expected " + cifar.classes(coarse));
        }
        return names;
    }

    private byte[] bytes(String name, InputStream content) throws IOException {
        int most = isWanted(name) ? MAX_FILE : MAX_NAMES;
        byte[] bytes = content.readNBytes(most);
        if (content.read() >= 0) {
            throw new MalformedFileException(path + ": " + name + " has more than " + most + " bytes");
        }
        return bytes;
    }

    /** Sees the files by their names without directories; false ends it. */
    private interface Visitor {
        boolean visit(String name, InputStream content, long size) throws IOException;
    }

    private void each(Visitor visitor) throws IOException {
        if (!Files.isDirectory(path)) {
            each(path, visitor);
            return;
        }
        List<String> names = new ArrayList<>(cifar.trainFiles());
        names.addAll(cifar.testFiles());
        names.add(cifar.namesFile(false));
        names.add(cifar.namesFile(true));
        for (String name : names.stream().distinct().toList()) {
            Path file = path.resolve(name);
            if (Files.isRegularFile(file)) {
                try (InputStream in = Files.newInputStream(file)) {
                    visitor.visit(name, in, Files.size(file));
                }
            }
        }
    }

    private static void each(Path archive, Visitor visitor) throws IOException {
        try (Tar tar = new Tar(Gzip.plain(Files.newInputStream(archive)))) {
            boolean more = true;
            for (String name = tar.next(); more && name != null; name = more ? tar.next() : null) {
                long size = tar.size();
                InputStream content = tar.content();
                String base = name.substring(name.lastIndexOf('/') + 1);
                more = visitor.visit(base, content, size);
            }
        } catch (ZipException | EOFException e) {
            throw new MalformedFileException(archive + ": broken or cut short: " + e.getMessage(), e);
        } catch (MalformedFileException e) {
            String message = String.valueOf(e.getMessage());
            throw message.startsWith(archive.toString()) ? e : new MalformedFileException(archive + ": " + message, e);
        }
    }
}
