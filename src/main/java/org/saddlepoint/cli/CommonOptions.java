package org.saddlepoint.cli;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.report.Json;
import org.saddlepoint.report.Meter;
import picocli.CommandLine.Option;

/** What every command has: help, configuration, and how results are shown. */
@SuppressWarnings("UnusedVariable") // picocli reads help; config and debug are looked for before it parses
final class CommonOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "TOML file with options as keys, such as 'batch-size = 64'; options given here win over it.")
    private @Nullable Path config;

    @Option(
            names = "--json",
            fallbackValue = "true",
            description = "Print the result as one JSON object on standard output, all else on standard error.")
    private boolean json;

    @Option(
            names = {"-q", "--quiet"},
            fallbackValue = "true",
            description = "Show no progress and no notes, only the result.")
    private boolean quiet;

    @Option(names = "--debug", fallbackValue = "true", description = "Show where an error comes from.")
    private boolean debug;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    private boolean help;

    boolean isJson() {
        return json;
    }

    /** Where progress is shown; the launcher says how wide the terminal is. */
    Meter meter() {
        return Meter.of(quiet, Integer.getInteger("saddlepoint.columns", 0));
    }

    /** Says something that is no result. */
    void note(String line) {
        if (!quiet) {
            System.err.println(line);
        }
    }

    /** Prints the result: the object with --json, else the text. */
    void result(Map<String, ?> object, String text) {
        if (json) {
            System.out.println(Json.write(object));
        } else {
            System.out.print(text);
        }
        System.out.flush();
    }
}
