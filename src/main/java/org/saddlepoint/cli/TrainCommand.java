package org.saddlepoint.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.attack.Attack;
import org.saddlepoint.cli.Choices.Method;
import org.saddlepoint.data.DatasetInfo;
import org.saddlepoint.device.Device;
import org.saddlepoint.format.AtomicFiles;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.report.Json;
import org.saddlepoint.report.Meter;
import org.saddlepoint.train.Training;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code saddlepoint train}. */
@Command(
        name = "train",
        description = {
            "Trains a classifier, by default a robust one, and measures it.",
            "",
            "With no options: MNIST, 784-128-10 with ReLU, Adam 0.001, batches of 32, 10 epochs, every batch attacked by PGD"
                    + " within linf 0.031 (4 steps of 1/255, random start), seed 1, into a fresh directory under runs/."
        },
        abbreviateSynopsis = true,
        sortOptions = false,
        optionListHeading = "%n",
        footerHeading = "%nExamples:%n",
        footer = {
            "  saddlepoint train                                     the default run",
            "  saddlepoint train --compare                           and what it costs against standard training",
            "  saddlepoint train --data mnist-sample --epochs 3      a quick one, no download",
            "  saddlepoint train --data photos --image-size 32       images in photos/CLASS/*.png",
            "  saddlepoint train --data iris.csv --epochs 30         a table; the label is its last column",
            "  saddlepoint train --epsilon 8/255 --steps 7 --model mlp:512,256 --validation 5000",
            "  saddlepoint train --config runs/2026-01-31-120000/config.toml    the same again, bit for bit",
            "  saddlepoint train --resume runs/2026-01-31-120000                go on after an interruption"
        })
final class TrainCommand implements Callable<Integer> {
    /** What may be said beside --resume: nothing that changes a result. */
    private static final Set<String> WITH_RESUME = Set.of("--resume", "--threads", "--json", "--quiet", "--debug");

    @Mixin
    private DataOptions data;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            defaultValue = "mlp:128",
            description =
                    "mlp:WIDTHS, the widths of the hidden layers, such as mlp:512,256; cnn:small; cnn:madry; resnet18;"
                            + " rnn:WIDTHS, lstm:WIDTHS or gru:WIDTHS, whose steps are an image's rows; or a .toml file that"
                            + " describes the layers. Default: ${DEFAULT-VALUE}.")
    private String model;

    @Option(
            names = "--activation",
            paramLabel = "NAME",
            defaultValue = "relu",
            description = "After each hidden layer: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Choices.Hidden activation;

    @Mixin
    private MethodOptions method;

    @Mixin
    private UpdateOptions update;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Of initial weights, order of examples and random starts. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--compare",
            fallbackValue = "true",
            description = "Train a standard model too, with the same settings, and show both side by side.")
    private boolean compare;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description =
                    "Where the run goes; an earlier run there is replaced. Default: a fresh directory under runs/.")
    private @Nullable Path out;

    @Option(
            names = "--resume",
            paramLabel = "DIR",
            description = "Go on with an interrupted run from its last whole epoch, to the same bits.")
    private @Nullable Path resume;

    @Mixin
    private DeviceOptionGroup deviceOptions;

    @Mixin
    private CommonOptions common;

    @Spec
    private CommandSpec spec;

    @Override
    @SuppressWarnings("try") // the lock is held, and asked nothing
    public Integer call() throws IOException {
        Model architecture = check();
        if (resume != null && Files.exists(RunDirectory.at(resume).summary())) {
            return finished(RunDirectory.at(resume));
        }
        try (Meter meter = common.meter();
                Device device = deviceOptions.open()) {
            DeviceOptionGroup.requirePrecision(device, method.precision());
            DataOptions.Parts parts = data.load(meter);
            RunDirectory directory = resume != null ? RunDirectory.at(resume) : RunDirectory.create(out);
            try (RunLock ignored = RunLock.of(directory.path());
                    Interruption interruption = new Interruption(directory.path())) {
                if (resume == null) {
                    begin(directory, device);
                }
                deviceOptions.say(common, device);
                Measure measure = new Measure(method.norm(), method.epsilon(), method.isPaperThreat(), seed);
                trainAll(
                        new RunContext(
                                architecture,
                                model,
                                update.epochs(),
                                parts,
                                measure,
                                device,
                                method.precision(),
                                meter,
                                interruption),
                        directory);
            }
        }
        return 0;
    }

    /** Refuses what cannot work, before anything is fetched or computed. */
    private Model check() throws IOException {
        if (resume != null) {
            for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
                if (!WITH_RESUME.contains(option.longestName())) {
                    throw new UsageException(
                            option.longestName() + " cannot be changed with --resume: the settings are in "
                                    + RunDirectory.at(resume).config());
                }
            }
        }
        method.check();
        method.checkUsed(spec.commandLine().getParseResult().matchedOptions().stream()
                .map(OptionSpec::longestName)
                .toList());
        update.check();
        deviceOptions.check();
        if (compare && method.method() == Method.STANDARD) {
            throw new UsageException(
                    "--compare trains a standard model beside another: choose --method fgsm, fgsm-rs, pgd, free or trades");
        }
        ModelSpec.check(model);
        DatasetInfo info = data.check();
        Model architecture = ModelSpec.build(model, activation, info);
        RunDirectory.requireWritable(resume != null ? "--resume" : "--out", directory());
        return architecture;
    }

    private Path directory() {
        return resume != null ? resume : out != null ? out : Path.of("runs");
    }

    private int finished(RunDirectory directory) throws IOException {
        String summary = Files.readString(directory.summary()).strip();
        common.note("the run in " + directory.path() + " is finished: nothing to do");
        System.out.println(common.isJson() ? summary : "see " + directory.summary());
        return 0;
    }

    /** Clears the directory and leaves its config.toml; that of --resume has it already. */
    private void begin(RunDirectory directory, Device device) throws IOException {
        if (directory.holdsRun()) {
            common.note("replacing the run in " + directory.path());
        }
        directory.clear();
        Map<String, Object> resolved = new LinkedHashMap<>(
                Map.of("data", data.absolute(), "device", device.name(), "model", ModelSpec.absolute(model)));
        write(directory.config(), configuration(resolved));
        if (compare) {
            Files.createDirectories(directory.standard().path());
            directory.standard().clear();
            resolved.put("method", "standard");
            resolved.put("compare", false);
            write(directory.standard().config(), configuration(resolved));
        }
    }

    private String configuration(Map<String, Object> resolved) {
        return "# saddlepoint train --config FILE does the same again, bit for bit.\n"
                + Config.write(spec, Set.of("out", "threads", "json", "quiet"), resolved);
    }

    private void trainAll(RunContext run, RunDirectory directory) throws IOException {
        List<TrainReport> reports = new ArrayList<>();
        reports.add(train(run, method.method(), method.attack(), directory));
        Map<String, Object> summary = reports.getFirst().json(run, directory);
        if (compare) {
            reports.add(train(run, Method.STANDARD, null, directory.standard()));
            summary.put("standard", reports.getLast().json(run, directory.standard()));
        }
        write(directory.summary(), Json.write(summary) + "\n");
        run.meter().end();
        common.result(summary, TrainReport.table(run, directory, reports));
    }

    private TrainReport train(RunContext run, Method by, @Nullable Attack attack, RunDirectory directory)
            throws IOException {
        Training training = update.apply(method.training(attack)).seed(seed);
        Map<String, String> metadata = ModelMetadata.of(
                method.norm(),
                method.epsilon(),
                by,
                data.absolute(),
                data.reading(),
                run.data().train());
        TrainingJob job = new TrainingJob(run, by.toString(), directory, metadata, resume != null);
        try (Classifier classifier = job.run(training)) {
            return new TrainReport(
                    by.toString(),
                    run.measure().worst(classifier, run.data().test(), run.meter()),
                    run.measure().lastIterate(classifier, run.data().test(), run.meter()),
                    job.seconds(),
                    job.samples(),
                    job.overfitting());
        }
    }

    private static void write(Path file, String text) throws IOException {
        AtomicFiles.write(file, stream -> stream.write(text.getBytes(StandardCharsets.UTF_8)));
    }
}
