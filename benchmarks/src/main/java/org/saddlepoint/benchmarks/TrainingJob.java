package org.saddlepoint.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.saddlepoint.attack.Attack;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.data.Datasets;
import org.saddlepoint.data.Split;
import org.saddlepoint.device.Device;
import org.saddlepoint.evaluate.Evaluation;
import org.saddlepoint.model.Classifier;
import org.saddlepoint.model.Layers;
import org.saddlepoint.model.Model;
import org.saddlepoint.train.AdversarialTraining;

/**
 * The whole job: two epochs of adversarial training on the 4,000 MNIST images inside the library, from fresh weights, in
 * the default configuration: 784-128-10, batch 32, PGD of 4 steps of 1/255 in an L-inf ball of 0.031, Adam 0.001.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-Xmx512m"})
public class TrainingJob {
    private static final int EPOCHS = 2;
    private static final Model MODEL = Model.sequential(Layers.dense(784, 128), Layers.relu(), Layers.dense(128, 10));

    /** Threads of the device. */
    @Param({"1", "2"})
    public int threads;

    private final Attack attack =
            Pgd.linf(0.031).steps(4).stepSize(1.0 / 255).randomStart(true).build();
    private Device device;
    private Dataset train;
    private Dataset test;

    /** Memory of the process after a job, as the operating system counts it. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Memory {
        /** Resident set in MiB: the Java virtual machine, JMH and the library together. */
        public double residentMiB;
    }

    /** Opens the device and reads the data. */
    @Setup
    public void open() throws IOException {
        device = Device.cpu(threads);
        Split mnist = Datasets.mnistSample();
        train = mnist.train();
        test = mnist.test();
    }

    /** One training from fresh weights. */
    @Benchmark
    public void run(Work work, Memory memory) throws IOException {
        fit().close();
        work.samples += (double) EPOCHS * train.size();
        memory.residentMiB = residentMiB();
    }

    private Classifier fit() {
        return AdversarialTraining.with(attack).epochs(EPOCHS).seed(1).fit(MODEL, train, device);
    }

    /** The trained classifier must be right about held-out images. */
    @TearDown
    public void close() {
        try (Classifier trained = fit()) {
            double accuracy = Evaluation.of(trained).clean().on(test).clean().value();
            if (!(accuracy > 0.8)) {
                throw new IllegalStateException("two epochs of training left an accuracy of " + accuracy);
            }
        }
        device.close();
    }

    private static double residentMiB() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
                    .findFirst()
                    .orElse(Double.NaN);
        }
    }
}
