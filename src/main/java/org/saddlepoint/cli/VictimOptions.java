package org.saddlepoint.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.cli.Choices.BlackBox;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.data.DatasetInfo;
import org.saddlepoint.data.Datasets;
import org.saddlepoint.data.LoadOptions;
import org.saddlepoint.data.Split;
import org.saddlepoint.device.Device;
import org.saddlepoint.model.ModelFiles;
import org.saddlepoint.model.Shape;
import org.saddlepoint.model.onnx.Models;
import org.saddlepoint.oracle.OnnxRuntimeOracle;
import org.saddlepoint.report.Meter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which model is attacked, and on which examples. */
final class VictimOptions {
    @Parameters(
            paramLabel = "MODEL",
            description = "The directory of a run, a .safetensors file of 'saddlepoint train', or an ONNX file.")
    private Path model;

    @Option(
            names = "--model",
            paramLabel = "SPEC",
            description =
                    "As for 'saddlepoint train': the layers of a .safetensors file that does not say them, as PyTorch's"
                            + " state dict of a Sequential. Needs --data.")
    private @Nullable String architecture;

    @Option(
            names = "--black-box",
            paramLabel = "TELLS",
            description = "Attack it by questions alone, each of which tells ${COMPLETION-CANDIDATES}. An ONNX file is"
                    + " then run by ONNX Runtime, whatever its operators.")
    private @Nullable BlackBox blackBox;

    @Option(
            names = "--data",
            paramLabel = "DATA",
            description =
                    "As for 'saddlepoint train'; its test part is used. Default: the data of the model's training.")
    private @Nullable String data;

    @Mixin
    private LoadOptionGroup reading;

    @Option(names = "--limit", paramLabel = "N", description = "Use the first N test examples only.")
    private @Nullable Integer limit;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            defaultValue = "256",
            description = "Examples that are attacked together. Changes no result. Default: ${DEFAULT-VALUE}.")
    private int batchSize;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Of random starts. Default: ${DEFAULT-VALUE}.")
    private long seed;

    /**
     * A model and its data, known to fit.
     *
     * @param subject the model
     * @param file where it is
     * @param data name or path
     * @param options how they are read
     * @param shape of one example; the array itself
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
    record Victim(Subject subject, Path file, String data, LoadOptions options, int[] shape) implements AutoCloseable {
        /** On a device: to be closed before that. */
        Subject.OnDevice on(Device device) {
            return subject.on(device, Shape.of(shape));
        }

        @Override
        public void close() {
            subject.close();
        }
    }

    /**
     * Reads the model and checks that it fits the data, which are not fetched yet.
     *
     * @param threads for who runs the model in our stead
     */
    Victim check(int threads) throws IOException {
        Require.atLeast("--batch-size", batchSize, 1);
        if (limit != null) {
            Require.atLeast("--limit", limit, 1);
        }
        Path file = file(model);
        Subject subject = subject(file, threads);
        try {
            return fit(subject, file);
        } catch (IOException | RuntimeException e) {
            subject.close();
            throw e;
        }
    }

    private Victim fit(Subject subject, Path file) throws IOException {
        Map<String, String> metadata = subject.metadata();
        String known = data != null
                ? data
                : ModelMetadata.data(metadata)
                        .orElseThrow(() -> new UsageException("--data is missing, and " + file
                                + " does not say what it was trained on: give mnist, or a path"));
        Map<String, String> said = new LinkedHashMap<>();
        if (data == null) {
            said.putAll(ModelMetadata.reading(metadata));
        }
        said.putAll(reading.said());
        LoadOptions options = ModelMetadata.asTrained(LoadOptionGroup.options(said), metadata, file);
        DatasetInfo info = Datasets.check(known, options);
        int features = subject.features();
        int classes = subject.classes();
        if (features != info.features() || classes < info.classes()) {
            throw new UsageException("model and data do not fit: " + file + " (" + subject + ") takes "
                    + features + " values and has " + classes + " classes, " + known + " has examples of shape "
                    + Arrays.toString(info.shape()) + " in " + info.classes() + " classes");
        }
        return new Victim(subject, file, known, options, info.shape());
    }

    private Subject subject(Path file, int threads) throws IOException {
        if (blackBox != null && architecture == null && Models.isOnnx(file)) {
            return new Subject.Run(OnnxRuntimeOracle.open(file, threads), blackBox);
        }
        return new Subject.Read(contents(file), blackBox);
    }

    private ModelFiles.Contents contents(Path file) throws IOException {
        if (architecture == null) {
            return Models.read(file);
        }
        if (data == null) {
            throw new UsageException("--data is missing: --model " + architecture + " takes its input's shape from it");
        }
        return ModelFiles.readStateDict(file, ModelSpec.build(architecture, Choices.Hidden.RELU, Datasets.check(data)));
    }

    /** A run's model, or the file itself. */
    static Path file(Path model) {
        Path file = Files.isDirectory(model) ? RunDirectory.at(model).model() : model;
        if (!Files.isRegularFile(file)) {
            throw new UsageException(
                    Files.isDirectory(model)
                            ? "MODEL is '" + model
                                    + "', a directory without model.safetensors: give the directory of a run"
                            : "MODEL is '" + model + "': there is no such file or directory");
        }
        return file;
    }

    /** Reads the data; the test part as far as the limit. */
    Split load(Victim victim, Meter meter) throws IOException {
        Split split = Datasets.load(victim.data(), victim.options(), Fetching.with(meter));
        split.notes().forEach(meter::say);
        victim.subject().notes().forEach(meter::say);
        Dataset test = split.test();
        return limit == null ? split : new Split(split.train(), test.limit(limit), split.notes());
    }

    int batchSize() {
        return batchSize;
    }

    long seed() {
        return seed;
    }
}
