package org.saddlepoint.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.function.LongConsumer;
import org.saddlepoint.format.AtomicFiles;
import org.saddlepoint.format.Gzip;
import org.saddlepoint.format.Hashing;

/**
 * A file whose content is known beforehand.
 *
 * @param name its standard name, without ".gz" unless it is an archive
 * @param bytes its length, not gzipped unless it is an archive
 * @param sha256 its digest, not gzipped, so that any packing of it matches, unless it is an archive
 * @param archive whether it is kept as it comes, gzipped
 */
record PinnedFile(String name, long bytes, String sha256, boolean archive) {
    /** A file that is kept plain, however it comes. */
    PinnedFile(String name, long bytes, String sha256) {
        this(name, bytes, sha256, false);
    }

    /** Why the file at a path is not this one, or "" where it is. */
    String mismatch(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return "missing";
        }
        if (Files.size(file) != bytes) {
            return Files.size(file) + " bytes, expected " + bytes;
        }
        MessageDigest digest = Hashing.sha256();
        byte[] chunk = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                digest.update(chunk, 0, n);
            }
        }
        return mismatch(digest);
    }

    private String mismatch(MessageDigest digest) {
        String found = HexFormat.of().formatHex(digest.digest());
        return found.equals(sha256) ? "" : "SHA-256 " + found + ", expected " + sha256;
    }

    /**
     * Stores a source's answer under a path, gunzipped unless it is an archive; nothing appears there unless it is this file.
     *
     * @throws SourceException where the source fails or answers something else
     * @throws IOException where storing fails
     */
    void store(InputStream answer, Path target, LongConsumer progress) throws IOException {
        AtomicFiles.write(target, out -> {
            MessageDigest digest = Hashing.sha256();
            byte[] chunk = new byte[1 << 16];
            long done = 0;
            InputStream plain = archive ? answer : SourceException.reading(() -> Gzip.plain(answer));
            for (int n = read(plain, chunk); n >= 0; n = read(plain, chunk)) {
                done += n;
                if (done > bytes) {
                    throw new SourceException(name + " is longer than the expected " + bytes + " bytes");
                }
                digest.update(chunk, 0, n);
                out.write(chunk, 0, n);
                progress.accept(done);
            }
            if (done < bytes) {
                throw new SourceException(name + " is cut short: " + done + " of " + bytes + " bytes");
            }
            String mismatch = mismatch(digest);
            if (!mismatch.isEmpty()) {
                throw new SourceException(name + " has " + mismatch);
            }
        });
    }

    private static int read(InputStream in, byte[] chunk) throws IOException {
        return SourceException.reading(() -> in.read(chunk));
    }
}
