package org.saddlepoint.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.DoubleStream;

/**
 * Every contender against the library on every workload: two processes, both warm, that train in turn, one stretch each.
 * Rates are medians over the stretches; a ratio is taken between neighbouring stretches. By processor time: samples for each
 * second of processor time that the process used, which others on the machine disturb less; waiting by spinning counts.
 */
public final class Duel {
    private static final List<String> NATIVE = List.of("--enable-native-access=ALL-UNNAMED");
    private static final Contender OURS = own("Saddlepoint", "saddlepoint", "SaddlepointPeer", "training", true);
    private static final List<Contender> THEIRS = List.of(
            openMp("PyTorch, autograd", "pytorch", "TorchPeer", "autograd", true),
            openMp("PyTorch, autograd, denormals flushed", "pytorch", "TorchPeer", "autograd-flush", true),
            openMp("PyTorch, backward by hand", "pytorch", "TorchPeer", "byhand", true),
            openMp("PyTorch, by hand, denormals flushed", "pytorch", "TorchPeer", "byhand-flush", true),
            own("PyTorch, by hand, its own BLAS", "pytorch", "TorchPeer", "byhand", true),
            own("TensorFlow, graph", "tensorflow", "TensorFlowPeer", "graph", true),
            own("DJL, PyTorch engine", "djl", "DjlPeer", "collector", true),
            own("DL4J, its own BLAS", "dl4j", "Dl4jPeer", "network", true),
            openMp("DL4J", "dl4j", "Dl4jPeer", "network", true),
            own("ND4J, by hand, its own BLAS", "dl4j", "Dl4jPeer", "byhand", false),
            openMp("ND4J, backward by hand", "dl4j", "Dl4jPeer", "byhand", false));

    /** Stretches before the first that counts. */
    private static final int WARM_UP = 2;

    private final Path root;
    private final int rounds;
    private final double seconds;
    private final int threads;
    private final List<String> table = new ArrayList<>();
    private final List<String> json = new ArrayList<>();
    private final TreeSet<String> versions = new TreeSet<>();

    private Duel(Path root, int rounds, double seconds, int threads) {
        this.root = root;
        this.rounds = rounds;
        this.seconds = seconds;
        this.threads = threads;
    }

    /**
     * The OpenBLAS that comes with PyTorch and ND4J has threads of its own, which fight with OpenMP's: one built for OpenMP
     * takes its place. Without it, products run on one thread.
     */
    private static Contender openMp(String name, String folder, String main, String variant, boolean convolutions) {
        String blas = System.getenv("OPENMP_BLAS");
        Map<String, String> environment = blas == null
                ? Map.of("OPENBLAS_NUM_THREADS", "1")
                : Map.of("LD_PRELOAD", blas, "OPENBLAS_CORETYPE", System.getenv("OPENMP_BLAS_CORE"));
        String called = blas == null ? name + ", one BLAS thread" : name;
        return new Contender(called, folder, main, variant, NATIVE, environment, convolutions);
    }

    private static Contender own(String name, String folder, String main, String variant, boolean convolutions) {
        return new Contender(name, folder, main, variant, NATIVE, Map.of(), convolutions);
    }

    /**
     * Runs all duels.
     *
     * @param arguments the folder of the peers, rounds, seconds of a stretch, threads, a regular expression of contenders and
     *     workloads ("W1 PyTorch, autograd"), the file to write, and whether contenders run alone, without the library
     * @throws IOException where a file cannot be written
     */
    public static void main(String[] arguments) throws IOException {
        Path root = Path.of(arguments[0]);
        Files.createDirectories(root.resolve("target"));
        Duel duel = new Duel(
                root, Integer.parseInt(arguments[1]), Double.parseDouble(arguments[2]), Integer.parseInt(arguments[3]));
        boolean alone = Boolean.parseBoolean(arguments[6]);
        for (Workload workload : Workload.ALL) {
            for (Contender contender : THEIRS) {
                boolean can = contender.convolutions() || !workload.convolutional();
                boolean built =
                        Files.isDirectory(root.resolve(contender.folder()).resolve("target/lib"));
                if (can && built && (workload.name() + " " + contender.name()).matches(".*(" + arguments[4] + ").*")) {
                    duel.run(workload, contender, alone);
                }
            }
        }
        System.out.println(
                alone
                        ? "\n| workload | contender | samples/s | samples per second of processor time | loss |\n"
                                + "|---|---|---|---|---|"
                        : "\n| workload | contender | samples/s | Saddlepoint samples/s | Saddlepoint / contender |"
                                + " the same by processor time | loss, ours / theirs |\n|---|---|---|---|---|---|---|");
        duel.table.forEach(System.out::println);
        System.out.println();
        duel.versions.forEach(System.out::println);
        Files.writeString(Path.of(arguments[5]), duel.json());
    }

    private void run(Workload workload, Contender contender, boolean alone) {
        System.err.println(workload + ": " + contender.name());
        try {
            String line = alone ? measure(workload, contender) : fight(workload, contender);
            System.err.println(line);
            table.add(line);
        } catch (IOException | RuntimeException e) {
            System.err.println(e);
            table.add("| " + workload.name() + " | " + contender.name() + " | failed: " + e.getMessage()
                    + (alone ? " | | |" : " | | | | |"));
        }
    }

    private String fight(Workload workload, Contender contender) throws IOException {
        try (Contender.Running ours = OURS.start(root, workload, threads);
                Contender.Running theirs = contender.start(root, workload, threads)) {
            versions.add(ours.version());
            versions.add(theirs.version());
            for (int i = 0; i < WARM_UP; i++) {
                ours.run(seconds);
                theirs.run(seconds);
            }
            double[] our = new double[rounds];
            double[] their = new double[rounds];
            double[] ratio = new double[rounds];
            double[] perProcessor = new double[rounds];
            double[] losses = new double[2];
            for (int i = 0; i < rounds; i++) {
                Session.Slice one = ours.run(seconds);
                Session.Slice other = theirs.run(seconds);
                our[i] = one.samples() / one.seconds();
                their[i] = other.samples() / other.seconds();
                ratio[i] = our[i] / their[i];
                perProcessor[i] = ratio[i] * theirs.processors() / ours.processors();
                losses = new double[] {one.loss(), other.loss()};
            }
            json.add(String.format(
                    Locale.ROOT,
                    "{\"workload\": \"%s\", \"contender\": \"%s\", \"samplesPerSecond\": %s, \"ours\": %s, \"ratio\": %s,"
                            + " \"ratioByProcessorTime\": %s}",
                    workload.name(),
                    contender.name(),
                    Arrays.toString(their),
                    Arrays.toString(our),
                    Arrays.toString(ratio),
                    Arrays.toString(perProcessor)));
            return String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | %s | %s | %s | %.2f / %.2f |",
                    workload.name(),
                    contender.name(),
                    spread("%.0f", their),
                    spread("%.0f", our),
                    spread("%.2f", ratio),
                    spread("%.2f", perProcessor),
                    losses[0],
                    losses[1]);
        }
    }

    private String measure(Workload workload, Contender contender) throws IOException {
        try (Contender.Running running = contender.start(root, workload, threads)) {
            versions.add(running.version());
            for (int i = 0; i < WARM_UP; i++) {
                running.run(seconds);
            }
            double[] rate = new double[rounds];
            double[] perProcessor = new double[rounds];
            double loss = 0;
            for (int i = 0; i < rounds; i++) {
                Session.Slice slice = running.run(seconds);
                rate[i] = slice.samples() / slice.seconds();
                perProcessor[i] = rate[i] / running.processors();
                loss = slice.loss();
            }
            json.add(String.format(
                    Locale.ROOT,
                    "{\"workload\": \"%s\", \"contender\": \"%s\", \"samplesPerSecond\": %s,"
                            + " \"samplesPerProcessorSecond\": %s}",
                    workload.name(),
                    contender.name(),
                    Arrays.toString(rate),
                    Arrays.toString(perProcessor)));
            return String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | %s | %.2f |",
                    workload.name(),
                    contender.name(),
                    spread("%.0f", rate),
                    spread("%.0f", perProcessor),
                    loss);
        }
    }

    private static String spread(String format, double[] values) {
        double[] sorted = DoubleStream.of(values).sorted().toArray();
        double median = (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
        return String.format(
                Locale.ROOT, format + " (" + format + "–" + format + ")", median, sorted[0], sorted[sorted.length - 1]);
    }

    private String json() {
        String commit = System.getenv().getOrDefault("BENCHMARK_COMMIT", "unknown");
        return "{\n  \"commit\": \"" + commit + "\",\n  \"threads\": " + threads + ",\n  \"versions\": [\""
                + String.join("\", \"", versions) + "\"],\n  \"rows\": [\n    " + String.join(",\n    ", json)
                + "\n  ]\n}\n";
    }
}
