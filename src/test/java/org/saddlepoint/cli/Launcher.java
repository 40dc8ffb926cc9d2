package org.saddlepoint.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs the real launcher as people do: a process of its own. */
final class Launcher {
    static final Path PROGRAM = Path.of("saddlepoint").toAbsolutePath();

    private Launcher() {}

    /** What a run of the program left. */
    record Outcome(int exitCode, String out, String err, double seconds) {
        /** The one JSON object on standard output. */
        JsonNode json() {
            if (exitCode != 0 || out.strip().lines().count() != 1) {
                throw new AssertionError("no single line of JSON: " + this);
            }
            return new JsonMapper().readTree(out);
        }
    }

    static Outcome run(String... arguments) {
        return run(List.of(arguments));
    }

    static Outcome run(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(PROGRAM.toString()));
        command.addAll(arguments);
        return runCommand(new ProcessBuilder(command));
    }

    static Outcome runCommand(ProcessBuilder builder) {
        try {
            Path out = Files.createTempFile("saddlepoint", ".out");
            Path err = Files.createTempFile("saddlepoint", ".err");
            long started = System.nanoTime();
            Process process = builder.redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
            if (!process.waitFor(3, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new AssertionError("still running after 3 minutes: " + builder.command());
            }
            double seconds = (System.nanoTime() - started) * 1e-9;
            Outcome outcome = new Outcome(process.exitValue(), Files.readString(out), Files.readString(err), seconds);
            Files.delete(out);
            Files.delete(err);
            return outcome;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The arguments of a training that takes about a second, and more. */
    static List<String> smallTraining(Path out, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "train", "--data", "mnist-sample", "--limit-train", "600", "--limit-test", "200", "--epochs", "2"));
        arguments.addAll(List.of("--json", "--out", out.toString()));
        arguments.addAll(List.of(more));
        return arguments;
    }

    private static @Nullable Path sample;

    /** A small trained run, made once. */
    static synchronized Path sampleRun() {
        Path made = sample;
        if (made == null) {
            try {
                made = Files.createTempDirectory("saddlepoint-it").resolve("run");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            Outcome outcome = run(smallTraining(made));
            if (outcome.exitCode() != 0) {
                throw new AssertionError(outcome);
            }
        }
        sample = made;
        return made;
    }

    static String digest(Path file) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
