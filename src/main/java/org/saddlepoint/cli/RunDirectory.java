package org.saddlepoint.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The directory of a run and the names of its files. That of a comparison holds a second run in {@code standard}.
 *
 * @param path the directory
 */
record RunDirectory(Path path) {
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("uuuu-MM-dd-HHmmss", Locale.ROOT);

    static RunDirectory at(Path path) {
        return new RunDirectory(path);
    }

    Path model() {
        return path.resolve("model.safetensors");
    }

    Path checkpoint() {
        return path.resolve("checkpoint.safetensors");
    }

    Path metrics() {
        return path.resolve("metrics.jsonl");
    }

    Path config() {
        return path.resolve("config.toml");
    }

    Path summary() {
        return path.resolve("summary.json");
    }

    RunDirectory standard() {
        return at(path.resolve("standard"));
    }

    /** Refuses a file that could not be written. */
    static void requireWritableFile(String option, Path file) {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null || Files.isDirectory(file)) {
            throw new UsageException(option + " is '" + file + "', a directory: give the name of a file in it");
        }
        if (!Files.isDirectory(directory)) {
            throw new UsageException(
                    option + " is '" + file + "', but " + directory + " is no directory: create it first");
        }
        // A finished file takes the place of what has its name: of a device, too.
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new UsageException(option + " is '" + file + "', which is no regular file: choose another name");
        }
        requireWritable(option, file, directory);
    }

    /** Refuses a directory that cannot be written, before anything is computed; it is not created yet. */
    static void requireWritable(String option, Path directory) {
        requireWritable(option, directory, directory);
    }

    private static void requireWritable(String option, Path value, Path directory) {
        Path existing = directory.toAbsolutePath().normalize();
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        if (existing == null || !Files.isDirectory(existing)) {
            throw new UsageException(option + " is '" + value + "', but " + existing
                    + " is no directory: choose a directory that can be created");
        }
        try {
            // Permissions alone do not tell: the file system may be read-only, or of a kind that takes no files.
            Files.delete(Files.createTempFile(existing, ".saddlepoint", null));
        } catch (IOException e) {
            throw new UsageException(
                    option + " is '" + value + "', but nothing can be written in " + existing
                            + ": choose another directory",
                    e);
        }
    }

    /** The directory that was asked for, or a fresh one named after the time; created. */
    static RunDirectory create(@Nullable Path asked) throws IOException {
        if (asked != null) {
            return at(Files.createDirectories(asked));
        }
        Path runs = Files.createDirectories(Path.of("runs"));
        String stamp = LocalDateTime.now(ZoneId.systemDefault()).format(STAMP);
        for (int i = 1; ; i++) {
            try {
                return at(Files.createDirectory(runs.resolve(i == 1 ? stamp : stamp + "-" + i)));
            } catch (FileAlreadyExistsException e) {
                // Another run began in the same second.
            }
        }
    }

    /** Removes a run's files, so that no file of an earlier run is taken for one of this. */
    void clear() throws IOException {
        for (Path file : List.of(summary(), checkpoint(), metrics(), config(), model())) {
            Files.deleteIfExists(file);
        }
        // What an earlier --compare left: it would look like part of this run.
        if (Files.isDirectory(standard().path())) {
            standard().clear();
            try (Stream<Path> left = Files.list(standard().path())) {
                if (left.findAny().isEmpty()) {
                    Files.delete(standard().path());
                }
            }
        }
    }

    /** A failure to write into a run's directory, with the directory named. */
    static IOException unwritable(Path directory, IOException cause) {
        return new IOException("cannot write into " + directory + ": " + Errors.oneLine(cause), cause);
    }

    boolean holdsRun() {
        return Files.exists(model()) || Files.exists(checkpoint()) || Files.exists(config());
    }
}
