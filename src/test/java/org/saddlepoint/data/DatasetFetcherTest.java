package org.saddlepoint.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.saddlepoint.format.Hashing;
import org.saddlepoint.format.IdxBytes;

class DatasetFetcherTest {
    static final byte[] FIRST = "the first file".getBytes(StandardCharsets.UTF_8);
    static final byte[] SECOND = "and the second".getBytes(StandardCharsets.UTF_8);
    static final List<PinnedFile> FILES = List.of(pinned("first", FIRST), pinned("second", SECOND));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    private Path given = Path.of("");
    private Path cache = Path.of("");
    private final List<String> told = new ArrayList<>();

    @BeforeEach
    void directories() throws IOException {
        given = Files.createDirectory(directory.resolve("given"));
        cache = directory.resolve("not/yet/there");
    }

    @Test
    void aDirectoryServesPlainAndGzippedOnce() throws IOException {
        Files.write(given.resolve("first"), FIRST);
        Files.write(given.resolve("second.gz"), IdxBytes.gzip(SECOND));
        Path got = fetch(new DirectorySource(given));
        assertThat(got).isEqualTo(cache.resolve("tiny"));
        assertThat(got.resolve("first")).hasBinaryContent(FIRST);
        assertThat(got.resolve("second")).hasBinaryContent(SECOND);
        assertThat(told).containsExactly("first 0/14", "first 14/14", "second 0/14", "second 14/14");
        told.clear();
        fetch();
        assertThat(told).isEmpty();
    }

    @Test
    void anArchiveIsKeptAsItComes() throws IOException {
        byte[] packed = IdxBytes.gzip(FIRST);
        PinnedFile archive = new PinnedFile(
                "a.tar.gz",
                packed.length,
                HexFormat.of().formatHex(Hashing.sha256().digest(packed)),
                true);
        Files.write(given.resolve("a.tar.gz"), packed);
        Path got = fetcher().fetch("archived", List.of(archive), List.of(new DirectorySource(given)));
        assertThat(got.resolve("a.tar.gz")).hasBinaryContent(packed);
        Files.write(given.resolve("a.tar.gz"), IdxBytes.gzip(SECOND));
        Files.delete(got.resolve("a.tar.gz"));
        assertThatThrownBy(() -> fetcher().fetch("archived", List.of(archive), List.of(new DirectorySource(given))))
                .hasMessageContaining("a.tar.gz")
                .hasMessageEndingWith("by hand: put a.tar.gz into " + got);
    }

    @Test
    void theNextSourceGoesOnWhereOneFails() throws IOException {
        Files.write(given.resolve("first"), FIRST);
        Path other = Files.createDirectory(directory.resolve("other"));
        Files.write(other.resolve("second"), SECOND);
        Path got = fetch(new DirectorySource(given), new DirectorySource(other));
        assertThat(got.toFile().list()).containsExactlyInAnyOrder("first", "second");
        assertThat(told).contains("failed " + given + ": no file second or second.gz");
    }

    @Test
    void whatIsNotThePinnedContentIsNotTaken() throws IOException {
        for (byte[] wrong : List.of(
                "the last file.".getBytes(StandardCharsets.UTF_8),
                new byte[0],
                new byte[13],
                new byte[100],
                IdxBytes.gzip(new byte[1 << 20]),
                new byte[] {0x1f, (byte) 0x8b, 8})) {
            Files.write(given.resolve("first"), wrong);
            assertThatThrownBy(() -> fetch(new DirectorySource(given)))
                    .isExactlyInstanceOf(IOException.class)
                    .hasMessageStartingWith("cannot get data set tiny; tried " + given + " (");
            assertThat(cache.resolve("tiny")).isEmptyDirectory();
        }
    }

    @Test
    void theErrorSaysWhatWasTriedAndWhatToDo() {
        Path missing = directory.resolve("missing");
        assertThatThrownBy(() -> fetch(new DirectorySource(missing), new DirectorySource(given)))
                .hasMessage("cannot get data set tiny; tried " + missing + " (no such directory), " + given
                        + " (no file first or first.gz); by hand: put first, second (plain or .gz) into "
                        + cache.resolve("tiny"));
    }

    @Test
    void filesPutIntoTheCacheByHandMayBeGzipped() throws IOException {
        Path own = Files.createDirectories(cache.resolve("tiny"));
        Files.write(own.resolve("first.gz"), IdxBytes.gzip(FIRST));
        Files.write(own.resolve("second"), SECOND);
        fetch();
        assertThat(own.resolve("first")).hasBinaryContent(FIRST);
    }

    @Test
    void aDamagedFileIsFetchedAgain() throws IOException {
        Files.write(given.resolve("first"), FIRST);
        Files.write(given.resolve("second"), SECOND);
        Path got = fetch(new DirectorySource(given));
        Files.writeString(got.resolve("second"), "and the SECOND");
        assertThatThrownBy(this::fetch).hasMessageContaining("tried " + got.resolve("second") + " (SHA-256 ");
        fetch(new DirectorySource(given));
        assertThat(got.resolve("second")).hasBinaryContent(SECOND);
        assertThat(told).contains("second 14/14");
    }

    @Test
    void aGivenDirectoryIsTheOnlySource() {
        FetchSource never = new FetchSource() {
            @Override
            public String name() {
                return "never";
            }

            @Override
            public InputStream open(String file) {
                throw new AssertionError("asked though a directory was given");
            }
        };
        assertThatThrownBy(() -> fetcher().from(given).fetch("tiny", FILES, List.of(never)))
                .hasMessageContaining(given + " (no file first or first.gz)");
    }

    @Test
    void aCacheThatCannotBeWrittenIsNamed() throws IOException {
        Files.write(given.resolve("first"), FIRST);
        cache = Files.writeString(directory.resolve("file"), "no directory");
        assertThatThrownBy(() -> fetch(new DirectorySource(given)))
                .isExactlyInstanceOf(IOException.class)
                .hasMessageStartingWith("the cache " + cache.resolve("tiny") + " cannot be written (")
                .hasMessageEndingWith("set SADDLEPOINT_CACHE to a writable directory with 200 MB to spare");
        cache = directory.resolve("blocked");
        Files.createDirectories(cache.resolve("tiny/first"));
        assertThatThrownBy(() -> fetch(new DirectorySource(given))).hasMessageContaining("it is a directory");
    }

    @Test
    void manyMayFetchAtOnce() throws Exception {
        Files.write(given.resolve("first"), FIRST);
        Files.write(given.resolve("second"), SECOND);
        List<Callable<Path>> fetches = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            fetches.add(() ->
                    DatasetFetcher.standard().cache(cache).fetch("tiny", FILES, List.of(new DirectorySource(given))));
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (Future<Path> fetch : threads.invokeAll(fetches)) {
                assertThat(fetch.get().resolve("second")).hasBinaryContent(SECOND);
            }
        }
        assertThat(cache.resolve("tiny").toFile().list()).containsExactlyInAnyOrder("first", "second");
    }

    @Test
    void whereTheCacheIs() {
        assertThat(DatasetFetcher.cacheDirectory(Map.of("SADDLEPOINT_CACHE", "/a", "XDG_CACHE_HOME", "/b"), "/home/u"))
                .isEqualTo(Path.of("/a"));
        assertThat(DatasetFetcher.cacheDirectory(Map.of("SADDLEPOINT_CACHE", "", "XDG_CACHE_HOME", "/b"), "/home/u"))
                .isEqualTo(Path.of("/b/saddlepoint"));
        assertThat(DatasetFetcher.cacheDirectory(Map.of("XDG_CACHE_HOME", "relative"), "/home/u"))
                .isEqualTo(Path.of("/home/u/.cache/saddlepoint"));
    }

    @Test
    void onlyNamedSetsAreFetched() {
        assertThatThrownBy(() -> fetcher().fetch("mnits"))
                .isInstanceOf(UnknownDatasetException.class)
                .hasMessageContaining("did you mean mnist?");
    }

    private Path fetch(FetchSource... sources) throws IOException {
        return fetcher().fetch("tiny", FILES, List.of(sources));
    }

    private DatasetFetcher fetcher() {
        return DatasetFetcher.standard().cache(cache).listener(new FetchListener() {
            @Override
            public void progressed(String source, String file, long done, long total) {
                told.add(file + " " + done + "/" + total);
            }

            @Override
            public void failed(String source, String reason) {
                told.add("failed " + source + ": " + reason);
            }
        });
    }

    static PinnedFile pinned(String name, byte[] content) {
        return new PinnedFile(
                name, content.length, HexFormat.of().formatHex(Hashing.sha256().digest(content)));
    }

    /** What a fetch of the two files from a source alone says, or "" where it succeeds. */
    static String failure(FetchSource source, Path cache) throws IOException {
        try {
            DatasetFetcher.standard().cache(cache).fetch("tiny", FILES, List.of(source));
            return "";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
