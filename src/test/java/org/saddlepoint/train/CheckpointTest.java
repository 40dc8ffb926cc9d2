package org.saddlepoint.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.data.Blobs;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.Precision;
import org.saddlepoint.format.MalformedFileException;
import org.saddlepoint.format.Safetensors;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/** Interrupted and resumed training gives the bits of one that never stopped; a file that is not whole is refused. */
class CheckpointTest {
    private static final Model MODEL = Model.sequential(dense(Blobs.FEATURES, 9), relu(), dense(9, Blobs.CLASSES));
    private static final Dataset DATA = Blobs.bytes(50, 1);
    private static final int EPOCHS = 4;

    @TempDir
    private Path directory;

    private final Device device = Device.cpu(1);

    @AfterEach
    void close() {
        device.close();
    }

    private static Training training() {
        return AdversarialTraining.with(Pgd.linf(0.05).steps(2).build())
                .batchSize(16)
                .epochs(EPOCHS)
                .seed(3);
    }

    private static Map<String, Supplier<Training>> trainings() {
        Map<String, Supplier<Training>> cases = new LinkedHashMap<>();
        cases.put("adam", CheckpointTest::training);
        cases.put("adamw", () -> training().optimizer(Adam.decoupled(1e-3f, 0.1f)));
        Sgd momentum = Sgd.learningRate(0.05f).withMomentum(0.9f);
        cases.put("sgd", () -> training().optimizer(Sgd.learningRate(0.05f)));
        cases.put("momentum", () -> training().optimizer(momentum));
        cases.put("nesterov", () -> training().optimizer(momentum.withNesterov().withWeightDecay(1e-3f)));
        for (Schedule schedule : Schedule.values()) {
            cases.put(schedule.toString(), () -> training().schedule(schedule));
        }
        cases.put("first is best", () -> training().keepBest(c -> -length(c)));
        cases.put("last is best", () -> training().keepBest(CheckpointTest::length));
        cases.put("clean share", () -> training().cleanShare(0.5));
        cases.put("warm-up", () -> training().epsilonWarmup(2));
        Pgd two = Pgd.linf(0.05).steps(2).build();
        cases.put(
                "trades",
                () -> Training.trades(two, 6).batchSize(16).epochs(EPOCHS).seed(3));
        ThreatModel threat = ThreatModel.of(Norm.LINF, 0.05);
        cases.put(
                "free",
                () -> Training.free(threat, 3)
                        .epsilonWarmup(2)
                        .schedule(Schedule.COSINE)
                        .batchSize(16)
                        .epochs(EPOCHS)
                        .seed(3));
        Pgd half = Pgd.linf(0.05).steps(2).precision(Precision.BF16).build();
        cases.put("bf16", () -> training().attack(half));
        cases.put(
                "restarts",
                () -> training().attack(Pgd.l2(0.3).steps(2).restarts(2).build()));
        return cases;
    }

    static Stream<String> names() {
        return trainings().keySet().stream();
    }

    /** Of the weights; with Adam and small weights it grows from epoch to epoch. */
    private static double length(Classifier classifier) {
        double sum = 0;
        for (float value : classifier.parameters()) {
            sum += (double) value * value;
        }
        return sum;
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyEpochsCheckpointLeadsToTheSameBits(String name) throws IOException {
        Supplier<Training> training =
                java.util.Objects.requireNonNull(trainings().get(name));
        List<Checkpoint> checkpoints = new ArrayList<>();
        List<EpochReport> reports = new ArrayList<>();
        float[] expected = fit(training.get().onEpoch(report -> {
            reports.add(report);
            checkpoints.add(report.checkpoint().get());
        }));
        Path file = directory.resolve("checkpoint");
        for (Checkpoint checkpoint : checkpoints) {
            checkpoint.write(file);
            List<EpochReport> resumed = new ArrayList<>();
            float[] actual = fit(training.get().resume(Checkpoint.read(file)).onEpoch(resumed::add));
            assertThat(actual).as("from epoch %d", checkpoint.epoch()).containsExactly(expected);
            assertThat(resumed).hasSize(EPOCHS - checkpoint.epoch());
            for (EpochReport report : resumed) {
                assertThat(figures(report)).isEqualTo(figures(reports.get(report.epoch() - 1)));
            }
        }
    }

    private static List<Double> figures(EpochReport report) {
        return List.of(report.loss(), report.accuracy(), report.learningRate(), report.score());
    }

    private float[] fit(Training training) {
        try (Classifier classifier = training.fit(MODEL, DATA, device)) {
            return classifier.parameters();
        }
    }

    private Checkpoint checkpoint(Training training) {
        List<Checkpoint> all = new ArrayList<>();
        fit(training.epochs(2).onEpoch(report -> all.add(report.checkpoint().get())));
        return all.getFirst();
    }

    @Test
    void allFieldsSurviveTheFile() throws IOException {
        Checkpoint written = checkpoint(training().seed(Long.MIN_VALUE).keepBest(c -> 0.1));
        Path file = directory.resolve("checkpoint");
        written.write(file);
        Checkpoint read = Checkpoint.read(file);
        assertThat(read.model()).isEqualTo(MODEL);
        assertThat(read.seed()).isEqualTo(Long.MIN_VALUE);
        assertThat(read.epoch()).isEqualTo(1);
        assertThat(read.step()).isEqualTo(4);
        assertThat(read.parameters()).containsExactly(written.parameters());
        assertThat(read.optimizerState())
                .isDeepEqualTo(written.optimizerState())
                .hasDimensions(2, 229);
        assertThat(read.score()).isEqualTo(0.1);
        assertThat(read.bestEpoch()).isEqualTo(1);
        assertThat(read.bestScore()).isEqualTo(0.1);
        assertThat(read.bestParameters()).containsExactly(written.parameters());
        Checkpoint plain = checkpoint(training());
        plain.write(file);
        assertThat(Checkpoint.read(file).bestParameters()).isNull();
        assertThat(Checkpoint.read(file).bestScore()).isEqualTo(Double.NEGATIVE_INFINITY);
    }

    @Test
    void aFileThatIsCutShortIsRefused() throws IOException {
        Path file = directory.resolve("checkpoint");
        checkpoint(training()).write(file);
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length += 1 + length / 13) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertRefused(file, "cut to " + length);
        }
    }

    /**
     * Two bits of every byte of the header, where an epoch or a seed would still be a number, and some of the values'. What is not
     * refused says the same as before: white space, or a digest in capitals.
     */
    @Test
    void aFileWithAFlippedBitIsRefused() throws IOException {
        Path file = directory.resolve("checkpoint");
        Checkpoint whole = checkpoint(training().keepBest(c -> 0.125));
        whole.write(file);
        byte[] bytes = Files.readAllBytes(file);
        int header = 8 + (bytes[0] & 0xff) + ((bytes[1] & 0xff) << 8);
        int same = 0;
        for (int at = 0; at < bytes.length; at += at < header ? 1 : 97) {
            for (int bit : new int[] {0, 1 + at % 7}) {
                byte[] changed = bytes.clone();
                changed[at] ^= (byte) (1 << bit);
                Files.write(file, changed);
                String change = "bit " + bit + " of byte " + at + " flipped";
                try {
                    assertThat(Checkpoint.read(file))
                            .as(change)
                            .usingRecursiveComparison()
                            .isEqualTo(whole);
                    same++;
                } catch (MalformedFileException e) {
                    assertThat(e)
                            .as(change)
                            .hasMessageContaining(file.toString())
                            .hasMessageNotContaining("\n");
                }
            }
        }
        assertThat(same).isLessThan(100);
    }

    private static void assertRefused(Path file, String change) {
        assertThatExceptionOfType(MalformedFileException.class)
                .as(change)
                .isThrownBy(() -> Checkpoint.read(file))
                .withMessageContaining(file.toString())
                .withMessageNotContaining("\n");
    }

    @Test
    void anotherKindOfFileIsRefused() throws IOException {
        Path file = directory.resolve("model");
        try (Classifier classifier = Classifier.initialize(MODEL, device, 1)) {
            classifier.save(file);
        }
        assertRefused(file, "a model");
        new Safetensors(List.of(), Map.of()).write(file);
        assertRefused(file, "nothing");
    }

    @Test
    void aCheckpointThatDoesNotFitTheTrainingIsRefusedInWords() {
        Checkpoint checkpoint = checkpoint(training());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fit(training().seed(4).resume(checkpoint)))
                .withMessage("the checkpoint's seed is 3, the training's is 4");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> fit(training().optimizer(Sgd.learningRate(0.1f)).resume(checkpoint)))
                .withMessage("the checkpoint's optimizer is adam, the training's is sgd");
        assertThatIllegalArgumentException()
                .as("the same arrays, but another rule")
                .isThrownBy(() ->
                        fit(training().optimizer(Adam.decoupled(0.1f, 0.01f)).resume(checkpoint)))
                .withMessage("the checkpoint's optimizer is adam, the training's is adamw");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fit(training()
                        .optimizer(Sgd.learningRate(0.1f))
                        .resume(new Checkpoint(
                                checkpoint.model(),
                                "sgd",
                                checkpoint.seed(),
                                checkpoint.epoch(),
                                checkpoint.step(),
                                checkpoint.parameters(),
                                checkpoint.optimizerState(),
                                checkpoint.score(),
                                checkpoint.bestEpoch(),
                                checkpoint.bestScore(),
                                checkpoint.bestParameters()))))
                .withMessageStartingWith("the checkpoint does not fit the training: 2 optimizer arrays where 0");
        Model other = Model.sequential(dense(Blobs.FEATURES, Blobs.CLASSES));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> training().resume(checkpoint).fit(other, DATA, device))
                .withMessage("the checkpoint holds the model 20-9(relu)-4, the training asks for 20-4");
    }

    @Test
    void aClassifierCanBeClosedAfterARefusal() {
        Checkpoint checkpoint = checkpoint(training());
        try (Classifier classifier = Classifier.initialize(MODEL, device, 1)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> training().seed(4).resume(checkpoint).fit(classifier, DATA));
        }
    }
}
