package org.saddlepoint.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Gets the files of a named data set once into a cache directory. Each file is accepted by its SHA-256 alone, whatever
 * source it came from, and is checked again at every use, so a damaged cache repairs itself. Any number of threads and
 * processes may fetch at once: each file appears whole, by renaming.
 *
 * <p>The cache is {@code $SADDLEPOINT_CACHE}, else {@code $XDG_CACHE_HOME/saddlepoint}, else {@code ~/.cache/saddlepoint}; in it
 * each data set has a directory: plain IDX files of MNIST and Fashion-MNIST, CIFAR's archives as they are published. Immutable.
 */
public final class DatasetFetcher {
    private final Path cache;
    private final @Nullable Path from;
    private final FetchListener listener;

    private DatasetFetcher(Path cache, @Nullable Path from, FetchListener listener) {
        this.cache = cache;
        this.from = from;
        this.listener = listener;
    }

    /**
     * A fetcher with the cache directory that the environment says and the usual sources.
     *
     * @return the fetcher
     */
    public static DatasetFetcher standard() {
        Path cache = cacheDirectory(System.getenv(), System.getProperty("user.home"));
        return new DatasetFetcher(cache, null, FetchListener.NONE);
    }

    /** The cache directory by an environment and a home directory. */
    static Path cacheDirectory(Map<String, String> environment, String home) {
        String own = environment.getOrDefault("SADDLEPOINT_CACHE", "");
        if (!own.isBlank()) {
            return Path.of(own);
        }
        String shared = environment.getOrDefault("XDG_CACHE_HOME", "");
        // XDG's specification says to ignore a relative path.
        Path base = shared.startsWith("/") ? Path.of(shared) : Path.of(home, ".cache");
        return base.resolve("saddlepoint");
    }

    /**
     * Where data sets are kept.
     *
     * @return the cache directory, which may not exist yet; in it each data set has a directory of its name
     */
    public Path cache() {
        return cache;
    }

    /**
     * The same with another cache directory.
     *
     * @param directory created when it is needed
     * @return a new fetcher
     */
    public DatasetFetcher cache(Path directory) {
        return new DatasetFetcher(Objects.requireNonNull(directory), from, listener);
    }

    /**
     * The same with one directory as the only source: someone who names a directory does not want a download instead.
     *
     * @param directory that has the files under their standard names, plain or with ".gz"
     * @return a new fetcher
     */
    public DatasetFetcher from(Path directory) {
        return new DatasetFetcher(cache, Objects.requireNonNull(directory), listener);
    }

    /**
     * The same with a listener.
     *
     * @param listener is told how the fetch goes
     * @return a new fetcher
     */
    public DatasetFetcher listener(FetchListener listener) {
        return new DatasetFetcher(cache, from, Objects.requireNonNull(listener));
    }

    /**
     * Makes sure that the files of a data set are in the cache.
     *
     * @param name of a data set that can be fetched: mnist, fashion-mnist, cifar10 or cifar100
     * @return the directory that holds them, verified
     * @throws UnknownDatasetException where no data set to fetch has that name
     * @throws IOException where no source has the files, or the cache cannot be written
     */
    public Path fetch(String name) throws IOException {
        for (NamedDataset dataset : NamedDataset.values()) {
            if (dataset.id().equals(name)) {
                return fetch(dataset);
            }
        }
        throw new UnknownDatasetException(name, NamedDataset.ids());
    }

    Path fetch(NamedDataset dataset) throws IOException {
        return fetch(dataset.id(), dataset.files(), dataset.sources());
    }

    Path fetch(String id, List<PinnedFile> files, List<FetchSource> sources) throws IOException {
        Path directory = cache.resolve(id);
        List<PinnedFile> missing = new ArrayList<>();
        List<String> tried = new ArrayList<>();
        for (PinnedFile file : files) {
            Path cached = directory.resolve(file.name());
            String mismatch = file.mismatch(cached);
            if (!mismatch.isEmpty()) {
                missing.add(file);
            }
            if (!mismatch.isEmpty() && Files.exists(cached)) {
                failed(cached.toString(), mismatch, tried);
            }
        }
        if (missing.isEmpty()) {
            return directory;
        }
        createCache(directory);
        for (FetchSource source : sourcesOf(sources, directory, missing)) {
            try (source) {
                fetch(source, missing, directory);
                return directory;
            } catch (SourceException e) {
                failed(source.name(), String.valueOf(e.getMessage()), tried);
            }
        }
        throw new IOException("cannot get data set " + id + "; tried " + String.join(", ", tried)
                + "; by hand: put "
                + String.join(", ", missing.stream().map(PinnedFile::name).toList())
                + (missing.stream().allMatch(PinnedFile::archive) ? "" : " (plain or .gz)") + " into " + directory);
    }

    private void failed(String source, String reason, List<String> tried) {
        listener.failed(source, reason);
        tried.add(source + " (" + reason + ")");
    }

    private List<FetchSource> sourcesOf(List<FetchSource> sources, Path directory, List<PinnedFile> missing) {
        List<FetchSource> all = new ArrayList<>();
        // Files that somebody put into the cache by hand may be gzipped.
        if (missing.stream().anyMatch(file -> Files.exists(directory.resolve(file.name() + ".gz")))) {
            all.add(new DirectorySource(directory));
        }
        if (from != null) {
            all.add(new DirectorySource(from));
        } else {
            all.addAll(sources);
        }
        return all;
    }

    /** Gets the missing files from one source, and takes each off the list as it arrives. */
    private void fetch(FetchSource source, List<PinnedFile> missing, Path directory) throws IOException {
        while (!missing.isEmpty()) {
            PinnedFile file = missing.getFirst();
            listener.progressed(source.name(), file.name(), 0, file.bytes());
            try (InputStream in = SourceException.reading(() -> source.open(file.name()))) {
                file.store(
                        in,
                        directory.resolve(file.name()),
                        done -> listener.progressed(source.name(), file.name(), done, file.bytes()));
            } catch (SourceException | InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                throw unwritable(directory, e);
            }
            missing.removeFirst();
        }
    }

    private static void createCache(Path directory) throws IOException {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw unwritable(directory, e);
        }
    }

    private static IOException unwritable(Path directory, IOException cause) {
        // The messages of these two are a path alone.
        String reason = switch (cause) {
            case AccessDeniedException denied -> "no permission for " + denied.getFile();
            case FileAlreadyExistsException file -> file.getFile() + " is no directory";
            default -> cause.getMessage();
        };
        return new IOException(
                "the cache " + directory + " cannot be written (" + reason
                        + "); set SADDLEPOINT_CACHE to a writable directory with 200 MB to spare",
                cause);
    }
}
