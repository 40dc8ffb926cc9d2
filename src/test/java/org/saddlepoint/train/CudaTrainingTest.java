package org.saddlepoint.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.saddlepoint.attack.Attack;
import org.saddlepoint.attack.AttackBatch;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.data.Blobs;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.data.Datasets;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.DeviceKind;
import org.saddlepoint.device.Precision;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Model;
import org.saddlepoint.threat.Norm;
import org.saddlepoint.threat.ThreatModel;

/** Training on a CUDA device: the CPU device's figures, from one graph launch a step. */
@Tag("cuda")
class CudaTrainingTest {
    private static final Model SMALL = Model.sequential(dense(Blobs.FEATURES, 24), relu(), dense(24, Blobs.CLASSES));
    /** Two whole batches of 32 and one of 6. */
    private static final Dataset DATA = Blobs.bytes(70, 1);

    private final Device cuda = DeviceKind.CUDA.open(1);

    @AfterEach
    void close() {
        cuda.close();
    }

    private static Training training() {
        return AdversarialTraining.with(Pgd.linf(0.1).steps(3).build())
                .batchSize(32)
                .epochs(3);
    }

    private static float[] fit(Training training, Device device) {
        try (Classifier classifier = training.fit(SMALL, DATA, device)) {
            return classifier.parameters();
        }
    }

    @Test
    void theStartingPointTrainsAsOnTheCpuDevice() throws IOException {
        Model model = Model.sequential(dense(784, 128), relu(), dense(128, 10));
        Dataset data = Datasets.mnistSample().train().limit(650);
        Training training = AdversarialTraining.with(
                        Pgd.linf(0.031).steps(4).stepSize(1 / 255.0).build())
                .batchSize(32)
                .epochs(2);
        List<EpochReport> onCpu = reports(training, model, data, DeviceKind.CPU_AVX2);
        List<EpochReport> onCuda = reports(training, model, data, DeviceKind.CUDA);
        for (int i = 0; i < onCpu.size(); i++) {
            // The same starts and the same order of sums; only a gradient within rounding of zero may turn its sign.
            double loss = onCpu.get(i).loss();
            assertThat(onCuda.get(i).loss()).isCloseTo(loss, Offset.offset(1e-3 * loss));
            assertThat(onCuda.get(i).accuracy()).isCloseTo(onCpu.get(i).accuracy(), Offset.offset(2.0 / data.size()));
        }
        assertThat(onCuda.getLast().loss()).isLessThan(0.7 * onCuda.getFirst().loss());
    }

    private static List<EpochReport> reports(Training training, Model model, Dataset data, DeviceKind kind) {
        List<EpochReport> reports = new ArrayList<>();
        try (Device device = kind.open(2);
                Classifier classifier = training.onEpoch(reports::add).fit(model, data, device)) {
            assertThat(classifier.parameters()).doesNotContain(Float.NaN);
        }
        return reports;
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void aStepIsOneGraphLaunchAndNothingElse(Precision precision) {
        List<Map<String, Long>> after = new ArrayList<>();
        Pgd attack = Pgd.linf(0.1).steps(3).precision(precision).build();
        Training training = AdversarialTraining.with(attack).batchSize(32).epochs(3);
        fit(training.onBatch(progress -> after.add(cuda.counters())), cuda);
        assertThat(after).hasSize(9);
        assertThat(after.getFirst())
                .containsKeys(
                        "launches",
                        "graph_launches",
                        "allocations",
                        "bytes_to_device",
                        "bytes_from_device",
                        "synchronisations");
        // From the second epoch on everything has been recorded; between epochs the next one's order is brought over.
        for (int batch : new int[] {4, 5, 7, 8}) {
            Map<String, Long> before = after.get(batch - 1);
            after.get(batch)
                    .forEach((name, count) -> assertThat(count - before.getOrDefault(name, 0L))
                            .as("%s in step %d", name, batch)
                            .isEqualTo(name.equals("graph_launches") ? 1 : 0));
        }
    }

    @Test
    void theReplaysOfABatchAreOneGraphLaunch() {
        List<Map<String, Long>> after = new ArrayList<>();
        Training training = Training.free(ThreatModel.of(Norm.LINF, 0.1), 3)
                .schedule(Schedule.COSINE)
                .batchSize(32)
                .epochs(2)
                .onBatch(progress -> after.add(cuda.counters()));
        float[] onCuda = fit(training, cuda);
        Map<String, Long> before = after.get(3);
        after.get(4)
                .forEach((name, count) -> assertThat(count - before.getOrDefault(name, 0L))
                        .as(name)
                        .isEqualTo(name.equals("graph_launches") ? 1 : 0));
        try (Device cpu = DeviceKind.CPU_AVX2.open(1)) {
            assertThat(onCuda).containsExactly(fit(training, cpu), Offset.offset(1e-4f));
        }
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void aRecordedStepHasTheBitsOfTheSameStepDoneDirectly(Precision precision) {
        Pgd attack = Pgd.l2(0.5).steps(3).restarts(2).precision(precision).build();
        Training recorded = AdversarialTraining.with(attack).batchSize(32).epochs(3);
        Training direct =
                AdversarialTraining.with(new Direct(attack)).batchSize(32).epochs(3);
        assertThat(fit(recorded, cuda)).containsExactly(fit(direct, cuda));
    }

    /** Says nothing of being repeatable, so each step is done anew. */
    private static final class Direct extends Attack {
        private final Attack inner;

        Direct(Attack inner) {
            super(inner.name(), inner.threat());
            this.inner = inner;
        }

        @Override
        protected void perturb(AttackBatch batch) {
            inner.perturbForTraining(batch);
        }

        @Override
        public Attack forTraining() {
            return new Direct(inner.forTraining());
        }

        @Override
        public int restarts() {
            return inner.restarts();
        }
    }

    @Test
    void aResumedTrainingGoesOnToTheSameBits() {
        List<Checkpoint> checkpoints = new ArrayList<>();
        float[] whole = fit(
                training()
                        .schedule(Schedule.COSINE)
                        .onEpoch(report -> checkpoints.add(report.checkpoint().get())),
                cuda);
        assertThat(fit(training().schedule(Schedule.COSINE).resume(checkpoints.getFirst()), cuda))
                .containsExactly(whole);
    }

    @Test
    void everyMethodIsRecorded() {
        for (Training training : List.of(
                Training.standard().batchSize(32).epochs(2).optimizer(Sgd.learningRate(0.1f)),
                training().cleanShare(0.5),
                training().stopOnOverfitting(true),
                Training.free(ThreatModel.of(Norm.L2, 0.5), 3).batchSize(32).epochs(2),
                Training.trades(Pgd.l2(0.5).steps(3).build(), 6).batchSize(32).epochs(2))) {
            float[] onCpu;
            try (Device cpu = DeviceKind.CPU_AVX2.open(1)) {
                onCpu = fit(training, cpu);
            }
            float[] onCuda = fit(training, cuda);
            for (int i = 0; i < onCpu.length; i++) {
                assertThat(onCuda[i]).isCloseTo(onCpu[i], Offset.offset(1e-4f));
            }
        }
    }
}
