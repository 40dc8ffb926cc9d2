package org.saddlepoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.saddlepoint.cli.Launcher.Outcome;

class HelpIT {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "train",
                "evaluate",
                "attack",
                "export",
                "info",
                "data",
                "data list",
                "data info",
                "data fetch"
            })
    void everyCommandExplainsItself(String command) {
        List<String> words = command.isEmpty() ? List.of() : List.of(command.split(" "));
        Outcome outcome =
                Launcher.run(java.util.stream.Stream.concat(words.stream(), java.util.stream.Stream.of("--help"))
                        .toList());
        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.out()).startsWith("Usage: " + ("saddlepoint " + command).strip());
        assertThat(outcome.err()).isEmpty();
    }

    @Test
    void helpIsThereWithinASecond() {
        double best = IntStream.range(0, 3)
                .mapToDouble(i -> Launcher.run("--help").seconds())
                .min()
                .orElseThrow();
        assertThat(best).isLessThan(1.0);
    }

    @Test
    void theShellCompletesOptionsAndNames() {
        Outcome outcome = Launcher.run("generate-completion");
        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.out())
                .contains("--epsilon", "fgsm-rs", "one-cycle", "linf")
                .doesNotContain("FGSM_RS");
    }

    @Test
    void theVersionIsThatOfTheBuild() {
        assertThat(Launcher.run("--version").out()).matches("saddlepoint \\d+\\.\\d+\\.\\d+.*\\s+");
    }

    @Test
    void itRunsThroughALinkFromAnywhere(@TempDir Path directory) throws Exception {
        Path elsewhere = Files.createDirectory(directory.resolve("some where"));
        Path link = Files.createSymbolicLink(elsewhere.resolve("sp"), Launcher.PROGRAM);
        Outcome outcome = Launcher.runCommand(
                new ProcessBuilder(link.toString(), "info", "--json").directory(elsewhere.toFile()));
        assertThat(outcome.json().get("devices").isEmpty()).isFalse();
    }

    @Test
    void optionsReachTheVirtualMachine() {
        ProcessBuilder builder = new ProcessBuilder(Launcher.PROGRAM.toString(), "info", "--json");
        builder.environment().put("SADDLEPOINT_JAVA_OPTS", "-Xmx64m -Djava.io.tmpdir=/var/tmp");
        assertThat(Launcher.runCommand(builder).json().get("temporary").asString())
                .isEqualTo("/var/tmp");
    }

    @Test
    void whatIsMissingOnTheMachineIsNamedAtOnce(@TempDir Path directory) throws Exception {
        Path checkout = Files.createDirectory(directory.resolve("check out"));
        Files.copy(Launcher.PROGRAM, checkout.resolve("saddlepoint"));
        Files.createFile(checkout.resolve("pom.xml"));
        Path tools = Files.createDirectory(directory.resolve("bin"));
        for (String tool : List.of("bash", "dirname", "readlink", "grep", "sed", "find", "sort", "head")) {
            Files.createSymbolicLink(tools.resolve(tool), Path.of("/usr/bin", tool));
        }
        ProcessBuilder builder =
                new ProcessBuilder("/bin/bash", checkout.resolve("saddlepoint").toString(), "--help");
        builder.environment().put("PATH", tools.toString());
        Outcome outcome = Launcher.runCommand(builder);
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err())
                .contains("package maven", "package g++", "package make", "package cmake")
                .doesNotContain("not found");
    }
}
