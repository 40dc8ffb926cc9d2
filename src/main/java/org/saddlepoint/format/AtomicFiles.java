package org.saddlepoint.format;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
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
            try (FileChannel channel = create(temporary, target)) {
                OutputStream out = new BufferedOutputStream(new Target(channel, target), 1 << 16);
                content.writeTo(out);
                out.flush();
                channel.force(true);
            }
            rename(temporary, target);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** CREATE_NEW and not createTempFile, so that the result has the permissions that the user's umask gives. */
    private static FileChannel create(Path temporary, Path target) throws IOException {
        try {
            return FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (AccessDeniedException e) {
            throw new IOException("cannot write " + target + ": no permission in its directory", e);
        } catch (FileSystemException e) {
            throw new IOException("cannot write " + target + ": " + e.getReason(), e);
        }
    }

    private static void rename(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Names the file where writing fails, as the system's message ("No space left on device") does not. */
    private static final class Target extends OutputStream {
        private final OutputStream out;
        private final Path file;

        Target(FileChannel channel, Path file) {
            this.out = Channels.newOutputStream(channel);
            this.file = file;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            try {
                out.write(bytes, from, length);
            } catch (IOException e) {
                throw new IOException("cannot write " + file + ": " + e.getMessage(), e);
            }
        }
    }
}
