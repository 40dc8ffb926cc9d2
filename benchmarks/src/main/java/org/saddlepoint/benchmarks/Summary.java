package org.saddlepoint.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.saddlepoint.device.Device;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * Turns the rounds of {@code benchmarks/run} into a table and a file of results. Every share and every ratio is taken
 * within a round, between runs that lie close in time; what is reported is the median over rounds, lowest and highest
 * beside it.
 */
public final class Summary {
    private static final ObjectMapper JSON = JsonMapper.builder().build();

    /** Figures a second of one benchmark in each round. */
    private record Series(Map<Integer, Double> calls, Map<Integer, Map<String, Double>> counters) {
        Series() {
            this(new TreeMap<>(), new TreeMap<>());
        }

        Spread of(String counter) {
            return Spread.of(counters.values().stream().mapToDouble(round -> round.get(counter)));
        }

        Spread microseconds() {
            return Spread.of(calls.values().stream().mapToDouble(rate -> 1e6 / rate));
        }

        /** Bytes of one call. */
        double bytes() {
            int round = calls.keySet().iterator().next();
            return counters.get(round).get("bytes") / calls.get(round);
        }
    }

    /** Median, lowest and highest. */
    record Spread(double median, double low, double high) {
        static Spread of(java.util.stream.DoubleStream values) {
            double[] sorted = values.sorted().toArray();
            int half = sorted.length / 2;
            double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
            return new Spread(median, sorted[0], sorted[sorted.length - 1]);
        }

        String text(String format) {
            return String.format(Locale.ROOT, format + " (" + format + "–" + format + ")", median, low, high);
        }
    }

    private final Map<String, Series> all = new LinkedHashMap<>();
    private final List<Map<String, Object>> rows = new ArrayList<>();
    private final StringBuilder table = new StringBuilder();

    private Summary() {}

    /**
     * Reads JMH's results and writes the summary.
     *
     * @param arguments the folder of the rounds' files round-R-*.json, and the file to write
     */
    public static void main(String[] arguments) throws IOException {
        Summary summary = new Summary();
        try (var files = Files.list(Path.of(arguments[0]))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".json"))
                    .sorted()
                    .toList()) {
                summary.read(file);
            }
        }
        summary.tabulate();
        System.out.print(summary.table);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("machine", machine());
        result.put("rows", summary.rows);
        JSON.writerWithDefaultPrettyPrinter().writeValue(Path.of(arguments[1]).toFile(), result);
    }

    private void read(Path file) {
        int round = Integer.parseInt(file.getFileName().toString().split("-")[1]);
        for (JsonNode entry : JSON.readTree(file.toFile())) {
            String[] name = entry.get("benchmark").asString().split("\\.");
            StringBuilder key = new StringBuilder(name[name.length - 2]);
            for (Map.Entry<String, JsonNode> parameter : entry.get("params").properties()) {
                key.append(' ')
                        .append(parameter.getKey())
                        .append('=')
                        .append(parameter.getValue().asString());
            }
            Series series = all.computeIfAbsent(key.toString(), ignored -> new Series());
            series.calls.put(round, score(entry.get("primaryMetric")));
            Map<String, Double> counters = new TreeMap<>();
            for (Map.Entry<String, JsonNode> metric :
                    entry.get("secondaryMetrics").properties()) {
                boolean ceiling = key.toString().matches("(FmaPeak|Triad) .*");
                counters.put(metric.getKey(), ceiling ? highest(metric.getValue()) : score(metric.getValue()));
            }
            series.counters.put(round, counters);
        }
    }

    private static double score(JsonNode metric) {
        return metric.get("score").asDouble();
    }

    /** A ceiling is what can be reached: the best iteration, not the mean. */
    private static double highest(JsonNode metric) {
        double highest = 0;
        for (JsonNode fork : metric.get("rawData")) {
            for (JsonNode iteration : fork) {
                highest = Math.max(highest, iteration.asDouble());
            }
        }
        return highest;
    }

    private void tabulate() {
        section("Ceilings", "| what | threads | rate |\n|---|---|---|");
        each("FmaPeak", (key, series) -> ceiling(key, series, "flops", "float32 multiply-add", "GFLOP/s"));
        each(
                "Triad",
                (key, series) -> ceiling(key, series, "bytes", "triad, " + value(key, "floats") + " floats", "GB/s"));
        section(
                "Products",
                "| operation | size | threads | us | GFLOP/s | share of peak | oneDNN us | oneDNN time / ours |\n"
                        + "|---|---|---|---|---|---|---|---|");
        each("Dense", this::product);
        each("Convolution", this::product);
        each("Recurrent", this::product);
        section(
                "Streaming operations",
                "| operation | size | threads | us | GB/s | share of triad |\n|---|---|---|---|---|---|");
        for (String operation : new String[] {
            "LinfStep",
            "L2Step",
            "L1Step",
            "RandomStart",
            "SoftmaxCrossEntropy",
            "AdamStep",
            "Gather",
            "ChannelStatistics",
            "BatchNormGradient",
            "LayerNorm",
            "Dropout",
            "MaxPool"
        }) {
            each(operation, this::streaming);
        }
        warnWhereBusy();
        section("The whole job", "| job | threads | samples/s | resident MiB |\n|---|---|---|---|");
        each("TrainingJob", this::job);
    }

    /** Two threads that do not reach nearly twice the peak of one had to share their cores with somebody. */
    private void warnWhereBusy() {
        Series one = all.get("FmaPeak threads=1");
        Series two = all.get("FmaPeak threads=2");
        if (one != null && two != null && !(two.of("flops").low > 1.8 * one.of("flops").median)) {
            System.err.println(
                    "warning: the machine was busy in some round (the peak of two threads is not twice that of"
                            + " one): the figures of two threads mean little");
        }
    }

    private void ceiling(String key, Series series, String counter, String what, String unit) {
        Spread rate = scaled(series.of(counter), 1e-9);
        line(what, value(key, "threads"), rate.text("%.1f") + " " + unit);
        row(key).put(unit, rate);
    }

    private void product(String key, Series series) {
        if ("onednn".equals(value(key, "with"))) {
            return;
        }
        Spread flops = scaled(series.of("flops"), 1e-9);
        Series peak = all.get("FmaPeak threads=" + value(key, "threads"));
        Spread share = ratio(series, peak, "flops");
        Series other = all.get(key.replace("with=saddlepoint", "with=onednn"));
        Spread ratio = key.contains("with=") && other != null ? callRatio(series, other) : null;
        line(
                operation(key),
                size(key),
                value(key, "threads"),
                series.microseconds().text("%.1f"),
                String.format(Locale.ROOT, "%.0f", flops.median),
                share == null ? "" : String.format(Locale.ROOT, "%.0f %%", 100 * share.median),
                ratio == null ? "" : other.microseconds().text("%.1f"),
                ratio == null ? "" : ratio.text("%.2f"));
        Map<String, Object> row = row(key);
        row.put("microseconds", series.microseconds());
        row.put("GFLOP/s", flops);
        row.put("shareOfPeak", share);
        if (ratio != null) {
            row.put("oneDnnMicroseconds", other.microseconds());
            row.put("oneDnnTimeOverOurs", ratio);
        }
    }

    private void streaming(String key, Series series) {
        Spread bytes = scaled(series.of("bytes"), 1e-9);
        Series triad = nearestTriad(series, value(key, "threads"));
        Spread share = ratio(series, triad, "bytes");
        line(
                operation(key),
                size(key),
                value(key, "threads"),
                series.microseconds().text("%.1f"),
                String.format(Locale.ROOT, "%.1f", bytes.median),
                share == null ? "" : String.format(Locale.ROOT, "%.0f %%", 100 * share.median));
        Map<String, Object> row = row(key);
        row.put("microseconds", series.microseconds());
        row.put("GB/s", bytes);
        row.put("shareOfTriad", share);
    }

    private void job(String key, Series series) {
        Spread samples = series.of("samples");
        Spread memory = series.of("residentMiB");
        line("784-128-10, batch 32, PGD-4", value(key, "threads"), samples.text("%.0f"), memory.text("%.0f"));
        Map<String, Object> row = row(key);
        row.put("samples/s", samples);
        row.put("residentMiB", memory);
    }

    /** The triad whose working set is nearest in size. */
    private Series nearestTriad(Series series, String threads) {
        return all.entrySet().stream()
                .filter(entry ->
                        entry.getKey().startsWith("Triad ") && threads.equals(value(entry.getKey(), "threads")))
                .min(Comparator.comparingDouble(entry ->
                        Math.abs(Math.log(12 * Double.parseDouble(value(entry.getKey(), "floats")) / series.bytes()))))
                .map(Map.Entry::getValue)
                .orElse(null);
    }

    private static Spread ratio(Series series, Series ceiling, String counter) {
        if (ceiling == null) {
            return null;
        }
        return Spread.of(series.counters.keySet().stream()
                .filter(ceiling.counters::containsKey)
                .mapToDouble(round -> series.counters.get(round).get(counter)
                        / ceiling.counters.get(round).get(counter)));
    }

    private static Spread callRatio(Series ours, Series theirs) {
        return Spread.of(ours.calls.keySet().stream()
                .filter(theirs.calls::containsKey)
                .mapToDouble(round -> ours.calls.get(round) / theirs.calls.get(round)));
    }

    private static Spread scaled(Spread spread, double factor) {
        return new Spread(spread.median * factor, spread.low * factor, spread.high * factor);
    }

    private void each(String prefix, java.util.function.BiConsumer<String, Series> action) {
        all.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(prefix))
                .sorted(Map.Entry.comparingByKey(
                        Comparator.comparing(Summary::operation).thenComparing(key -> value(key, "threads"))))
                .forEach(entry -> action.accept(entry.getKey(), entry.getValue()));
    }

    private void section(String title, String head) {
        table.append("\n### ").append(title).append("\n\n").append(head).append('\n');
    }

    private void line(String... cells) {
        table.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private Map<String, Object> row(String key) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("benchmark", key);
        rows.add(row);
        return row;
    }

    private static String operation(String key) {
        return key.substring(0, key.indexOf(' '));
    }

    /** The parameters other than threads and implementation. */
    private static String size(String key) {
        StringBuilder size = new StringBuilder(value(key, "shape"));
        for (String parameter : key.split(" ")) {
            if (parameter.contains("=") && !parameter.matches("(shape|threads|with)=.*")) {
                size.append(parameter.startsWith("out=") ? "x" : " ")
                        .append(parameter.substring(parameter.indexOf('=') + 1));
            }
        }
        return size.toString();
    }

    private static String value(String key, String parameter) {
        return Arrays.stream(key.split(" "))
                .filter(part -> part.startsWith(parameter + "="))
                .map(part -> part.substring(parameter.length() + 1))
                .findFirst()
                .orElse("");
    }

    private static Map<String, Object> machine() throws IOException {
        Map<String, Object> machine = new LinkedHashMap<>();
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            lines.filter(line -> line.matches("(vendor_id|cpu family|model|model name|cache size)\\s*:.*"))
                    .distinct()
                    .forEach(line -> machine.putIfAbsent(line.split("\\s*:\\s*")[0], line.split("\\s*:\\s*")[1]));
        }
        machine.put("processors", Runtime.getRuntime().availableProcessors());
        machine.put("kernel", System.getProperty("os.version"));
        machine.put("commit", System.getenv().getOrDefault("BENCHMARK_COMMIT", "unknown"));
        try (Device device = Device.cpu(1)) {
            machine.put("device", device.properties());
        }
        machine.put("java", Runtime.version().toString());
        machine.put("time", java.time.Instant.now().toString());
        return machine;
    }
}
