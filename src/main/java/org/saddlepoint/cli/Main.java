package org.saddlepoint.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * The program. Exit codes: 0, done; 1, failure; 2, bad usage or input; 130, interrupted. An error is one line on standard
 * error, and one that names the help.
 */
@Command(
        name = "saddlepoint",
        description = "Adversarial training and robustness evaluation of neural classifiers.",
        subcommands = {
            TrainCommand.class,
            EvaluateCommand.class,
            AttackCommand.class,
            ExportCommand.class,
            BenchCommand.class,
            DataCommand.class,
            InfoCommand.class,
            GenerateCompletion.class
        },
        versionProvider = Version.class,
        optionListHeading = "%nOptions:%n",
        commandListHeading = "%nCommands:%n",
        footerHeading = "%nExamples:%n",
        footer = {
            "  saddlepoint train --data mnist-sample --epochs 3 --out run   a first model, in seconds",
            "  saddlepoint evaluate run --attack fgsm,pgd                   how robust it is",
            "  saddlepoint attack run --limit 100 --png attack.png          what fools it",
            "  source <(saddlepoint generate-completion)                    completion in this shell",
            "",
            "Exit codes: 0 done, 1 failure, 2 bad usage or input, 130 interrupted.",
            "'saddlepoint COMMAND --help' explains a command."
        })
@SuppressWarnings("UnusedVariable") // picocli reads help and version
public final class Main {
    /** Kept: the logging system holds its loggers weakly. */
    private static final Logger LOG = Logger.getLogger("org.saddlepoint");

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version and exit.")
    private boolean version;

    private Main() {}

    /**
     * Runs the program and exits.
     *
     * @param arguments a command and its options
     */
    public static void main(String[] arguments) {
        log(arguments);
        System.exit(run(arguments));
    }

    /** What the library logs, such as which path a device takes, is one line each on standard error. */
    private static void log(String[] arguments) {
        String format = "java.util.logging.SimpleFormatter.format";
        if (System.getProperty(format) == null) {
            System.setProperty(format, "%5$s%6$s%n");
        }
        if (Arrays.asList(arguments).contains("--quiet")
                || Arrays.asList(arguments).contains("-q")) {
            LOG.setLevel(Level.WARNING);
        }
    }

    /** Runs the program and returns its exit code. */
    static int run(String... arguments) {
        CommandLine program = new CommandLine(new Main());
        program.setUsageHelpWidth(100);
        program.setAbbreviatedOptionsAllowed(false);
        program.registerConverter(Double.class, new NumberConverter());
        Choices.register(program);
        program.setParameterExceptionHandler(Errors::onUsage);
        program.setExecutionExceptionHandler(Errors::onFailure);
        program.setExecutionStrategy(parsed -> execute(parsed, arguments));
        CommandLine command = Config.commandOf(program, arguments);
        try {
            Optional<Path> file = Config.fileOf(arguments);
            if (file.isPresent()) {
                Config config = Config.read(file.get());
                config.requireKnown(command.getCommandSpec());
                command.setDefaultValueProvider(config);
            }
        } catch (IOException | UsageException e) {
            return Errors.onUsage(new ParameterException(command, Errors.oneLine(e), e), arguments);
        }
        return program.execute(arguments);
    }

    /** Runs the command; picocli itself would let errors such as lack of memory through. */
    private static int execute(CommandLine.ParseResult parsed, String[] arguments) {
        try {
            return new CommandLine.RunLast().execute(parsed);
        } catch (LinkageError | VirtualMachineError e) {
            List<CommandLine> commands = parsed.asCommandLineList();
            return Errors.onError(e, commands.getLast(), arguments);
        }
    }
}
