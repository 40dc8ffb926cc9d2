package org.saddlepoint.format;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Whole files or nothing: the content goes to a temporary name in the target's own directory, is flushed to the disk, and
 * is renamed. A reader sees the old file or the new one, never a part; a failure leaves nothing behind; two writers of one
 * target do not disturb each other, and the last to finish wins.
 */
public final class AtomicFiles {
    private AtomicFiles() {}

    /** Writes a file's content. */
    @FunctionalInterface
    public interface Content {
        /**
         * Writes all of it.
         *
         * @param out buffered; not to be closed
         * @throws IOException where writing fails; no file appears then
         */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes a file, replacing what has its name.
     *
     * @param target the file; its directory must exist
     * @param content what to write
     * @throws IOException where the directory is missing, the disk is full, or the content cannot be produced; the target
     *     is then as it was
     */
    public static void write(Path target, Content content) throws IOException {
        Path directory = target.toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw new IOException("cannot write " + target + ": " + directory + " is not an existing directory");
        }
        if (Files.isDirectory(target)) {
            throw new IOException("cannot write " + target + ": it is a directory, where a file name is needed");
        }
        String unique = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        Path temporary = directory.resolve("." + target.getFileName() + "." + unique + ".tmp");
        try {
            // CREATE_NEW and not createTempFile: the result keeps the permissions that the user's umask gives.
            try (FileChannel channel =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
                content.writeTo(out);
                out.flush();
                channel.force(true);
            }
            rename(temporary, target);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static void rename(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
