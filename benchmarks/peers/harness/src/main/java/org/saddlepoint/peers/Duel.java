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
    private static final Contender OURS =
            new Contender("Saddlepoint", "saddlepoint", "SaddlepointPeer", "training", NATIVE, Map.of());
    private static final List<Contender> THEIRS = List.of(
            openMp("PyTorch, autograd", "pytorch", "TorchPeer", "autograd"),
            openMp("PyTorch, autograd, denormals flushed", "pytorch", "TorchPeer", "autograd-flush"),
            openMp("PyTorch, backward by hand", "pytorch", "TorchPeer", "byhand"),
            openMp("PyTorch, by hand, denormals flushed", "pytorch", "TorchPeer", "byhand-flush"),
            new Contender("PyTorch, by hand, its own BLAS", "pytorch", "TorchPeer", "byhand", NATIVE, Map.of()),
            new Contender("TensorFlow, graph", "tensorflow", "TensorFlowPeer", "graph", NATIVE, Map.of()),
            new Contender("DJL, PyTorch engine", "djl", "DjlPeer", "collector", NATIVE, Map.of()),
            new Contender("DL4J, its own BLAS", "dl4j", "Dl4jPeer", "network", NATIVE, Map.of()),
            openMp("DL4J", "dl4j", "Dl4jPeer", "network"),
            new Contender("ND4J, by hand, its own BLAS", "dl4j", "Dl4jPeer", "byhand", NATIVE, Map.of()),
            openMp("ND4J, backward by hand", "dl4j", "Dl4jPeer", "byhand"));

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
    private static Contender openMp(String name, String folder, String main, String variant) {
        String blas = System.getenv("OPENMP_BLAS");
        return blas == null
                ? new Contender(
                        name + ", one BLAS thread", folder, main, variant, NATIVE, Map.of("OPENBLAS_NUM_THREADS", "1"))
                : new Contender(
                        name,
                        folder,
                        main,
                        variant,
                        NATIVE,
                        Map.of("LD_PRELOAD", blas, "OPENBLAS_CORETYPE", System.getenv("OPENMP_BLAS_CORE")));
    }

    /**
     * Runs all duels.
     *
     * @param arguments the folder of the peers, rounds, seconds of a stretch, threads, a regular expression of contenders and
     *     workloads ("W1 PyTorch, autograd"), the file to write
     * @throws IOException where a file cannot be written
     */
    public static void main(String[] arguments) throws IOException {
        Path root = Path.of(arguments[0]);
        Files.createDirectories(root.resolve("target"));
        Duel duel = new Duel(
                root, Integer.parseInt(arguments[1]), Double.parseDouble(arguments[2]), Integer.parseInt(arguments[3]));
        for (Workload workload : Workload.ALL) {
            for (Contender contender : THEIRS) {
                boolean built =
                        Files.isDirectory(root.resolve(contender.folder()).resolve("target/lib"));
                if (built && (workload.name() + " " + contender.name()).matches(".*(" + arguments[4] + ").*")) {
                    duel.fight(workload, contender);
                }
            }
        }
        System.out.println("\n| workload | contender | samples/s | Saddlepoint samples/s | Saddlepoint / contender |"
                + " the same by processor time | loss, ours / theirs |\n|---|---|---|---|---|---|---|");
        duel.table.forEach(System.out::println);
        System.out.println();
        duel.versions.forEach(System.out::println);
        Files.writeString(Path.of(arguments[5]), duel.json());
    }

    private void fight(Workload workload, Contender contender) {
        System.err.println(workload + ": " + contender.name());
        try (Contender.Running ours = OURS.start(root, workload, threads);
                Contender.Running theirs = contender.start(root, workload, threads)) {
            versions.add(ours.version());
            versions.add(theirs.version());
            for (int i = 0; i < 2; i++) {
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
            String line = String.format(
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
            System.err.println(line);
            table.add(line);
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
        } catch (IOException | RuntimeException e) {
            System.err.println(e);
            table.add(
                    "| " + workload.name() + " | " + contender.name() + " | failed: " + e.getMessage() + " | | | | |");
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
