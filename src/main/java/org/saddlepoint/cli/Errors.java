package org.saddlepoint.cli;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import org.saddlepoint.data.EditDistance;
import org.saddlepoint.format.MalformedFileException;
import org.saddlepoint.model.onnx.UnsupportedModelException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Every error becomes one line on standard error and an exit code; {@code --debug} shows where it came from. */
final class Errors {
    static final int FAILURE = 1;
    static final int USAGE = 2;

    private Errors() {}

    /** Bad usage: the arguments could not be understood. */
    static int onUsage(ParameterException error, String[] arguments) {
        String message = error instanceof UnmatchedArgumentException unmatched ? unmatched(unmatched) : oneLine(error);
        return report(error, message, error.getCommandLine(), Arrays.asList(arguments), USAGE);
    }

    /** A command failed; bad input is told from other failures by the exit code. */
    static int onFailure(Exception error, CommandLine command, ParseResult parsed) {
        Throwable cause = error instanceof UncheckedIOException && error.getCause() != null ? error.getCause() : error;
        boolean callers = cause instanceof UsageException
                || cause instanceof MalformedFileException
                || cause instanceof UnsupportedModelException
                || cause instanceof IllegalArgumentException;
        // The one error that has a line for each of its reasons.
        String message =
                cause instanceof UnsupportedModelException ? String.valueOf(cause.getMessage()) : oneLine(cause);
        return report(cause, message, command, parsed.originalArgs(), callers ? USAGE : FAILURE);
    }

    /** The virtual machine cannot go on: no memory, or the native library does not load. */
    static int onError(Error error, CommandLine command, String[] arguments) {
        Throwable cause =
                error instanceof ExceptionInInitializerError && error.getCause() != null ? error.getCause() : error;
        return report(cause, oneLine(cause), command, Arrays.asList(arguments), FAILURE);
    }

    private static int report(
            Throwable error, String message, CommandLine command, List<String> arguments, int exitCode) {
        String name = command.getCommandSpec().qualifiedName();
        System.err.println(name + ": " + message);
        if (exitCode == USAGE) {
            System.err.println("see '" + name + " --help'");
        }
        if (arguments.contains("--debug")) {
            error.printStackTrace();
        }
        return exitCode;
    }

    /** What an exception says, in one line that never is empty. */
    static String oneLine(Throwable error) {
        String message = switch (error) {
            case NoSuchFileException missing -> missing.getFile() + ": no such file or directory";
            case AccessDeniedException denied -> denied.getFile() + ": permission denied";
            case FileNotFoundException missing -> String.valueOf(missing.getMessage());
            case FileSystemException failed -> failed.getMessage();
            case OutOfMemoryError memory ->
                "out of memory (" + memory.getMessage() + "): SADDLEPOINT_JAVA_OPTS=-Xmx4g would allow 4 GB";
            case UsageException usage -> usage.getMessage();
            case IOException io -> io.getMessage();
            default -> error.getMessage();
        };
        if (message == null || message.isBlank()) {
            return error.getClass().getSimpleName();
        }
        return message.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .findFirst()
                .orElse(message);
    }

    private static String unmatched(UnmatchedArgumentException error) {
        String argument = error.getUnmatched().getFirst();
        var spec = error.getCommandLine().getCommandSpec();
        if (argument.startsWith("-")) {
            int equals = argument.indexOf('=');
            String option = equals < 0 ? argument : argument.substring(0, equals);
            return "unknown option '" + option + "'"
                    + EditDistance.suggestion(option, spec.optionsMap().keySet());
        }
        if (!spec.subcommands().isEmpty()) {
            return "unknown command '" + argument + "'"
                    + EditDistance.suggestion(argument, spec.subcommands().keySet());
        }
        return "unexpected argument '" + argument + "'";
    }
}
