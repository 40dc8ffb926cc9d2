package org.saddlepoint.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.Precision;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.train.AdversarialTraining;
import org.saddlepoint.train.Training;

/**
 * A workload timed on a device: synthetic data, one repetition to warm up, then several that count.
 *
 * @param workload what was run
 * @param precision of the attack's products
 * @param samplesPerSecond of each repetition: a sample has gone through its whole attack and the weight update
 */
public record WorkloadRun(Workload workload, Precision precision, List<Double> samplesPerSecond) {
    /** Copies the list. */
    public WorkloadRun {
        samplesPerSecond = List.copyOf(samplesPerSecond);
    }

    /**
     * Times a workload.
     *
     * @param workload what to run
     * @param device where
     * @param precision of the attack's products
     * @param seconds of each repetition, above 0; at least one batch is run
     * @param repetitions that count, at least 1
     * @return the rates
     */
    public static WorkloadRun of(
            Workload workload, Device device, Precision precision, double seconds, int repetitions) {
        Pgd attack = workload.attack().toBuilder().precision(precision).build();
        try (Classifier classifier = Classifier.initialize(workload.model(), device, 1)) {
            // Twice: the first run also compiles the Java side.
            double rate = rate(workload, attack, classifier, examples(workload, 1000, seconds));
            rate = Math.max(rate, rate(workload, attack, classifier, examples(workload, rate, seconds)));
            Dataset data = examples(workload, rate, seconds);
            List<Double> rates = new ArrayList<>();
            for (int i = 0; i < repetitions; i++) {
                rates.add(rate(workload, attack, classifier, data));
            }
            return new WorkloadRun(workload, precision, rates);
        }
    }

    /** As many whole batches as run for about so long at a rate; at most 100,000 examples (78 MB). */
    private static Dataset examples(Workload workload, double rate, double seconds) {
        int batches = (int) Math.min(100_000.0 / workload.batchSize(), rate * seconds / workload.batchSize());
        int n = Math.max(1, batches) * workload.batchSize();
        Random random = new Random(1);
        byte[] pixels = new byte[n * workload.model().input().size()];
        random.nextBytes(pixels);
        int[] labels = random.ints(n, 0, workload.model().classes()).toArray();
        return Dataset.ofBytes(
                "synthetic", new int[] {1, 28, 28}, workload.model().classes(), pixels, labels);
    }

    private static double rate(Workload workload, Pgd attack, Classifier classifier, Dataset data) {
        double[] seconds = {0};
        Training training = AdversarialTraining.with(attack)
                .batchSize(workload.batchSize())
                .epochs(1)
                .onEpoch(report -> seconds[0] = report.seconds());
        training.fit(classifier, data);
        return data.size() / seconds[0];
    }

    /**
     * The middle of the repetitions.
     *
     * @return samples a second
     */
    public double median() {
        double[] sorted = sorted();
        int n = sorted.length;
        return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    }

    /**
     * The slowest repetition.
     *
     * @return samples a second
     */
    public double slowest() {
        return sorted()[0];
    }

    /**
     * The fastest repetition.
     *
     * @return samples a second
     */
    public double fastest() {
        return sorted()[samplesPerSecond.size() - 1];
    }

    /**
     * The rate of floating-point operations at the median.
     *
     * @return operations a second
     */
    public double flops() {
        return median() * workload.flopPerSample();
    }

    private double[] sorted() {
        double[] values =
                samplesPerSecond.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(values);
        return values;
    }
}
