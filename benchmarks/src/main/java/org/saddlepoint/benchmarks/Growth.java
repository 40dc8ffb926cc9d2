package org.saddlepoint.benchmarks;

import static org.saddlepoint.model.Layers.dense;
import static org.saddlepoint.model.Layers.relu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.saddlepoint.attack.Pgd;
import org.saddlepoint.bench.Workload;
import org.saddlepoint.bench.WorkloadRun;
import org.saddlepoint.data.Dataset;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.Precision;
import org.saddlepoint.model.Model;
import org.saddlepoint.train.AdversarialTraining;

/**
 * How the time of an adversarially trained sample grows: with the attack's steps (a straight line), the batch, the width
 * of the hidden layer, and what a second thread brings; and how memory grows with the steps and the data. Where W2 is varied,
 * everything else stays W2's.
 */
public final class Growth {
    private static final int REPETITIONS = 3;
    private final double seconds;

    private Growth(double seconds) {
        this.seconds = seconds;
    }

    /**
     * Prints the tables.
     *
     * @param arguments seconds of a repetition
     */
    public static void main(String[] arguments) {
        Growth growth = new Growth(Double.parseDouble(arguments[0]));
        try (Device two = Device.cpu(2)) {
            growth.steps(two);
            dataSizes(two);
            growth.batches(two);
            growth.widths(two);
            try (Device one = Device.cpu(1)) {
                growth.threads(one, two);
            }
        }
    }

    private void steps(Device device) {
        System.out.println("| steps K | microseconds a sample | resident set, MiB |\n|---|---|---|");
        List<double[]> points = new ArrayList<>();
        for (int k : new int[] {1, 2, 5, 10, 20, 50, 100}) {
            double time = microseconds(workload(128, 256, k), device);
            points.add(new double[] {k, time});
            System.out.printf(Locale.ROOT, "| %d | %.2f | %d |%n", k, time, residentMebibytes());
        }
        double[] line = line(points);
        System.out.printf(
                Locale.ROOT,
                "%nA straight line: %.2f + %.3f K microseconds, R² = %.5f.%n%n",
                line[0],
                line[1],
                line[2]);
    }

    /** The heap is there from the start, so that the resident set grows by what the device keeps. */
    private static void dataSizes(Device device) {
        System.out.println(
                "| images | on the device, MiB | resident set, MiB | beyond the images, MiB |\n|---|---|---|---|");
        for (int n = 4096; n <= 131_072; n *= 2) {
            byte[] pixels = new byte[n * 784];
            int[] labels = new int[n];
            for (int i = 0; i < n; i++) {
                labels[i] = i % 10;
                pixels[i * 784 + i % 784] = (byte) 255;
            }
            Dataset data = Dataset.ofBytes("synthetic", new int[] {28, 28, 1}, 10, pixels, labels);
            double[] resident = new double[1];
            AdversarialTraining.with(Pgd.linf(0.3).steps(1).stepSize(0.03).build())
                    .batchSize(256)
                    .epochs(1)
                    .onEpoch(report -> resident[0] = residentMebibytes())
                    .fit(workload(128, 256, 1).model(), data, device)
                    .close();
            double images = n * 784 / 0x1p20;
            System.out.printf(
                    Locale.ROOT, "| %,d | %.0f | %.0f | %.0f |%n", n, images, resident[0], resident[0] - images);
        }
        System.out.println();
    }

    private void batches(Device device) {
        System.out.println("| batch | microseconds a sample |\n|---|---|");
        for (int batch = 32; batch <= 4096; batch *= 2) {
            System.out.printf(Locale.ROOT, "| %d | %.2f |%n", batch, microseconds(workload(128, batch, 10), device));
        }
        System.out.println();
    }

    private void widths(Device device) {
        System.out.println("| width | microseconds a sample | GFLOP/s |\n|---|---|---|");
        for (int width = 64; width <= 2048; width *= 2) {
            Workload workload = workload(width, 256, 10);
            double time = microseconds(workload, device);
            System.out.printf(
                    Locale.ROOT, "| %d | %.2f | %.0f |%n", width, time, workload.flopPerSample() / time * 1e-3);
        }
        System.out.println();
    }

    private void threads(Device one, Device two) {
        System.out.println("| workload | one thread, samples/s | two threads, samples/s | ratio |\n|---|---|---|---|");
        for (Workload workload : Workload.ALL) {
            double single = 1e6 / microseconds(workload, one);
            double pair = 1e6 / microseconds(workload, two);
            System.out.printf(
                    Locale.ROOT, "| %s | %,.0f | %,.0f | %.2f |%n", workload.name(), single, pair, pair / single);
        }
    }

    private static Workload workload(int width, int batch, int steps) {
        Model model = Model.sequential(dense(784, width), relu(), dense(width, 10));
        return new Workload(
                "W2", model, batch, Pgd.linf(0.3).steps(steps).stepSize(0.03).build());
    }

    private double microseconds(Workload workload, Device device) {
        return 1e6
                / WorkloadRun.of(workload, device, Precision.FLOAT32, seconds, REPETITIONS)
                        .median();
    }

    /** Least squares: intercept, slope and the share of the variance that the line explains. */
    private static double[] line(List<double[]> points) {
        double n = points.size();
        double meanX = points.stream().mapToDouble(point -> point[0]).sum() / n;
        double meanY = points.stream().mapToDouble(point -> point[1]).sum() / n;
        double xx = 0;
        double xy = 0;
        double yy = 0;
        for (double[] point : points) {
            xx += (point[0] - meanX) * (point[0] - meanX);
            xy += (point[0] - meanX) * (point[1] - meanY);
            yy += (point[1] - meanY) * (point[1] - meanY);
        }
        return new double[] {meanY - xy / xx * meanX, xy / xx, xy * xy / (xx * yy)};
    }

    private static long residentMebibytes() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new IllegalStateException("/proc/self/status has no line VmRSS");
    }
}
