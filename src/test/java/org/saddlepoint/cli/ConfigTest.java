package org.saddlepoint.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class ConfigTest {
    @TempDir
    Path directory;

    @Command(name = "sample")
    static final class Sample {
        @Option(names = "--name", defaultValue = "none")
        String name = "";

        @Option(names = "--count", defaultValue = "1")
        int count;

        @Option(names = "--radii", split = ",")
        List<Double> radii = List.of();

        @Option(names = "--random-start", negatable = true, defaultValue = "true", fallbackValue = "true")
        boolean randomStart;

        @Option(names = "--compare", fallbackValue = "true")
        boolean compare;

        @Option(names = "--absent")
        Double absent;
    }

    private Path file(String toml) throws Exception {
        return Files.writeString(directory.resolve("sample.toml"), toml);
    }

    private Sample parse(String toml, String... arguments) throws Exception {
        Sample sample = new Sample();
        CommandLine command = new CommandLine(sample);
        command.registerConverter(Double.class, new NumberConverter());
        Config config = Config.read(file(toml));
        config.requireKnown(command.getCommandSpec());
        command.setDefaultValueProvider(config);
        command.parseArgs(arguments);
        return sample;
    }

    @Test
    void aFileGivesDefaults() throws Exception {
        Sample sample =
                parse("name = \"a b\"\ncount = 3\nradii = [0.5, \"8/255\"]\nrandom-start = false\ncompare = true\n");
        assertThat(sample.name).isEqualTo("a b");
        assertThat(sample.count).isEqualTo(3);
        assertThat(sample.radii).containsExactly(0.5, 8 / 255.0);
        assertThat(sample.randomStart).isFalse();
        assertThat(sample.compare).isTrue();
        assertThat(sample.absent).isNull();
    }

    @Test
    void flagsWin() throws Exception {
        Sample sample = parse(
                "count = 3\nrandom-start = false\ncompare = true\n", "--count", "4", "--random-start", "--compare");
        assertThat(sample.count).isEqualTo(4);
        assertThat(sample.randomStart).isTrue();
        assertThat(sample.compare).isTrue();
        assertThat(parse("random-start = true\n", "--no-random-start").randomStart)
                .isFalse();
    }

    @Test
    void whatIsWrittenIsReadAgain() throws Exception {
        Sample sample = new Sample();
        CommandLine command = new CommandLine(sample);
        command.parseArgs(
                "--name", "quo\"te \\ \u00e9\u4e2d\uD83D\uDE00", "--count", "7", "--radii", "0.1,0.30000000000000004");
        String toml = Config.write(command.getCommandSpec(), Set.of("compare"), Map.of("count", 8));
        assertThat(toml).doesNotContain("compare", "absent");
        Sample again = parse(toml);
        assertThat(again.name).isEqualTo(sample.name);
        assertThat(again.count).isEqualTo(8);
        assertThat(again.radii).isEqualTo(sample.radii);
    }

    @Test
    void unknownKeysAndTablesAreRefused() {
        assertThatThrownBy(() -> parse("cuont = 3\n"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("unknown key 'cuont' (did you mean count?)");
        assertThatThrownBy(() -> parse("[count]\nvalue = 3\n")).hasMessageContaining("count is a table");
        assertThatThrownBy(() -> parse("count = = 3\n")).hasMessageContaining("line 1: not TOML");
    }

    @Test
    void theFileIsFoundAmongArguments() {
        assertThat(Config.fileOf(new String[] {"train", "--config=a.toml"})).hasValue(Path.of("a.toml"));
        assertThat(Config.fileOf(new String[] {"train", "--config", "b.toml"})).hasValue(Path.of("b.toml"));
        assertThat(Config.fileOf(new String[] {"train"})).isEmpty();
        assertThat(Config.fileOf(new String[] {"train", "--resume", directory.toString()}))
                .hasValue(directory.resolve("config.toml"));
        assertThatThrownBy(() -> Config.fileOf(new String[] {"--config=a", "--resume", "b"}))
                .hasMessageContaining("exclude one another");
    }
}
