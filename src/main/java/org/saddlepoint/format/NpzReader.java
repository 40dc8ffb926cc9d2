package org.saddlepoint.format;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** An open npz file: which arrays it holds, by its zip directory, and each of them on demand. */
final class NpzReader implements Closeable {
    static final String SUFFIX = ".npy";

    /** What deflate can make of one byte at the most. */
    private static final long DEFLATE_RATIO = 1032;

    private static final long ALLOWANCE = 64L << 20;
    private static final long ALLOWED_RATIO = 100;

    private final Path file;
    private final ZipFile zip;
    private final Map<String, ZipEntry> entries = new LinkedHashMap<>();

    NpzReader(Path file) throws IOException {
        this.file = file;
        long length = Files.size(file);
        this.zip = open(file);
        try {
            long packed = 0;
            long unpacked = 0;
            for (ZipEntry entry : zip.stream().toList()) {
                if (!entry.getName().endsWith(SUFFIX)) {
                    throw bad("holds " + Shapes.shown(entry.getName()) + ", expected only .npy arrays");
                }
                packed += entry.getCompressedSize();
                unpacked += entry.getSize();
                // The file's length bounds the packed sizes, and they the others, so no sum overflows unseen.
                if (entry.getCompressedSize() < 0
                        || entry.getSize() < 0
                        || entry.getCompressedSize() > length
                        || packed > length
                        || entry.getSize() > DEFLATE_RATIO * (entry.getCompressedSize() + 1)
                        || unpacked > ALLOWANCE + ALLOWED_RATIO * length) {
                    throw bad(Shapes.shown(entry.getName()) + " claims " + entry.getSize() + " bytes packed into "
                            + entry.getCompressedSize() + ", refused in a file of " + length
                            + " (in all at most 64 MiB + " + ALLOWED_RATIO + " times its length)");
                }
                String name = entry.getName().substring(0, entry.getName().length() - SUFFIX.length());
                if (entries.put(name, entry) != null) {
                    throw bad("holds two arrays named " + Shapes.shown(name));
                }
            }
        } catch (MalformedFileException e) {
            zip.close();
            throw e;
        } catch (RuntimeException e) {
            zip.close();
            throw bad("broken zip directory: " + e.getMessage(), e);
        }
    }

    private static ZipFile open(Path file) throws IOException {
        try {
            return new ZipFile(file.toFile());
        } catch (ZipException | EOFException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new MalformedFileException(
                    file + ": not an npz file, or cut short: " + Shapes.shown(String.valueOf(e.getMessage())), e);
        }
    }

    /** The arrays' names in the order of the zip directory. */
    Set<String> names() {
        return entries.keySet();
    }

    /** The shape of a named array; its values are not read. */
    int[] shape(String name) throws IOException {
        ZipEntry entry = Objects.requireNonNull(entries.get(name));
        try (InputStream in = open(entry)) {
            return header(in, entry).shape();
        } catch (ZipException | EOFException e) {
            throw bad(Shapes.shown(name) + ": " + e.getMessage(), e);
        }
    }

    /** A named array. */
    NpyArray array(String name) throws IOException {
        ZipEntry entry = Objects.requireNonNull(entries.get(name));
        CRC32 sum = new CRC32();
        try (InputStream in = new CheckedInputStream(open(entry), sum)) {
            NpyArray array = NpyValues.read(header(in, entry), in, where(entry));
            if (in.read() >= 0) {
                throw bad(Shapes.shown(name) + " goes on after its values");
            }
            // ZipFile does not check it.
            if (sum.getValue() != entry.getCrc()) {
                throw bad(Shapes.shown(name) + " does not match its checksum: the file was damaged");
            }
            return array;
        } catch (ZipException | EOFException e) {
            throw bad(Shapes.shown(name) + ": " + e.getMessage(), e);
        }
    }

    private InputStream open(ZipEntry entry) throws IOException {
        InputStream in = zip.getInputStream(entry);
        if (in == null) {
            throw bad(Shapes.shown(entry.getName()) + " is not where the zip directory says");
        }
        return in;
    }

    /** Reads a header and checks its claim against the entry's size, before anything is allocated for it. */
    private NpyHeader header(InputStream in, ZipEntry entry) throws IOException {
        NpyHeader header = NpyHeader.read(in, where(entry));
        long claimed = (long) header.elements() * header.valueBytes();
        if (claimed > entry.getSize()) {
            throw bad(Shapes.shown(entry.getName()) + ": its header says " + Shapes.text(header.shape()) + " = "
                    + claimed + " bytes of values, it holds " + entry.getSize() + " in all");
        }
        return header;
    }

    private String where(ZipEntry entry) {
        return file + ": " + Shapes.shown(entry.getName());
    }

    private MalformedFileException bad(String what) {
        return new MalformedFileException(file + ": " + what);
    }

    private MalformedFileException bad(String what, Exception cause) {
        return new MalformedFileException(file + ": " + what, cause);
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
