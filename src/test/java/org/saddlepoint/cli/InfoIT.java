package org.saddlepoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.saddlepoint.cli.Launcher.Outcome;
import tools.jackson.databind.JsonNode;

/** The commands info and data. */
class InfoIT {
    @Test
    void infoShowsDevicesAndVersions() {
        JsonNode json = Launcher.run("info", "--json").json();
        assertThat(json.propertyNames()).contains("version", "java", "cores", "cache", "devices");
        JsonNode cpu = json.get("devices").get(json.get("devices").size() - 1);
        assertThat(cpu.get("name").asString()).isEqualTo("cpu");
        assertThat(cpu.get("level").asString()).isIn("portable", "avx2", "avx512", "avx512_bf16");
        assertThat(Launcher.run("info").out()).contains("version", "device", "cache");
    }

    @Test
    void dataListShowsTheNames() {
        JsonNode json = Launcher.run("data", "list", "--json").json();
        assertThat(json.get("datasets").size()).isEqualTo(5);
        assertThat(Launcher.run("data", "list").out())
                .contains("mnist", "fashion-mnist", "mnist-sample", "bundled", "cifar10", "cifar100");
    }

    @Test
    void aFetchFromADirectoryTakesNothingElse(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("train-images-idx3-ubyte"), "not it");
        ProcessBuilder builder = new ProcessBuilder(
                Launcher.PROGRAM.toString(), "data", "fetch", "mnist", "--from", directory.toString());
        builder.environment()
                .put("SADDLEPOINT_CACHE", directory.resolve("cache").toString());
        Outcome outcome = Launcher.runCommand(builder);
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err())
                .contains("cannot get data set mnist", directory.toString())
                .doesNotContain("npm");
    }
}
