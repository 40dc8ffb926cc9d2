package org.saddlepoint.format;

import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * NumPy's npz: a zip file of npy arrays, stored or deflated, in C order, without pickled objects.
 *
 * <p>Memory: the arrays of one file may hold at most 64 MiB plus 100 times the file's length, and no array more than
 * deflate can make of its own bytes (1032 times), so a small file cannot ask for a large allocation.
 */
public final class Npz {
    private Npz() {}

    /**
     * Reads every array.
     *
     * @param file to read
     * @return the arrays by name (without ".npy"), in the order of the file
     * @throws MalformedFileException where the file is no zip of npy arrays, is damaged, or holds another type of values
     * @throws IOException where the file cannot be read
     */
    public static Map<String, NpyArray> read(Path file) throws IOException {
        try (NpzReader reader = new NpzReader(file)) {
            return read(reader, reader.names());
        }
    }

    /**
     * Reads some arrays; the others are not looked into.
     *
     * @param file to read
     * @param names which arrays; one that the file lacks is left out
     * @return the arrays by name, in the order of the file
     * @throws MalformedFileException where the file is no zip of npy arrays, or one of these is damaged or holds another
     *     type of values
     * @throws IOException where the file cannot be read
     */
    public static Map<String, NpyArray> read(Path file, Set<String> names) throws IOException {
        try (NpzReader reader = new NpzReader(file)) {
            Set<String> both = new LinkedHashSet<>(reader.names());
            both.retainAll(names);
            return read(reader, both);
        }
    }

    private static Map<String, NpyArray> read(NpzReader reader, Set<String> names) throws IOException {
        Map<String, NpyArray> arrays = new LinkedHashMap<>();
        for (String name : names) {
            arrays.put(name, reader.array(name));
        }
        return arrays;
    }

    /**
     * Reads the shapes alone, not the values.
     *
     * @param file to read
     * @return every array's shape by name, in the order of the file
     * @throws MalformedFileException where the file is no zip of npy arrays, or a header is malformed
     * @throws IOException where the file cannot be read
     */
    public static Map<String, int[]> readShapes(Path file) throws IOException {
        try (NpzReader reader = new NpzReader(file)) {
            Map<String, int[]> shapes = new LinkedHashMap<>();
            for (String name : reader.names()) {
                shapes.put(name, reader.shape(name));
            }
            return shapes;
        }
    }

    /**
     * Writes arrays, deflated, first to a temporary name and then renamed. No array is copied; equal content gives equal
     * bytes.
     *
     * @param file to write, replacing what is there
     * @param arrays by name (without ".npy")
     * @throws IllegalArgumentException where a name is empty or holds a slash, backslash or control character
     * @throws IOException where it cannot be written; what was there is then untouched
     */
    public static void write(Path file, Map<String, NpyArray> arrays) throws IOException {
        for (String name : arrays.keySet()) {
            if (name.isEmpty() || name.chars().anyMatch(c -> c == '/' || c == '\\' || Character.isISOControl(c))) {
                throw new IllegalArgumentException(
                        "array name \"" + Shapes.shown(name) + "\": not empty, no slashes, no control characters");
            }
        }
        AtomicFiles.write(file, out -> {
            ZipOutputStream zip = new ZipOutputStream(out);
            // Pixels shrink about as well at the fastest level, and an attack waits for this.
            zip.setLevel(Deflater.BEST_SPEED);
            for (Map.Entry<String, NpyArray> array : arrays.entrySet()) {
                ZipEntry entry = new ZipEntry(array.getKey() + NpzReader.SUFFIX);
                entry.setTimeLocal(LocalDateTime.of(1980, 1, 1, 0, 0));
                zip.putNextEntry(entry);
                NpyHeader.write(array.getValue(), zip);
                NpyValues.write(array.getValue(), zip);
                zip.closeEntry();
            }
            zip.finish();
        });
    }
}
