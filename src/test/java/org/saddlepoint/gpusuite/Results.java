package org.saddlepoint.gpusuite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.bench.WorkloadRun;
import org.saddlepoint.report.Json;
import org.saddlepoint.report.TextTable;

/** Everything that was found, as one JSON object and one text; written anew after each part, so that a crash loses little. */
final class Results {
    private final Path directory;
    private final Map<String, Object> json = new LinkedHashMap<>();
    private final StringBuilder text = new StringBuilder();
    private final List<String> errors = new ArrayList<>();
    private @Nullable Ceilings ceilings;
    /** Stands beside every heading over times. */
    private String timesOf = "";

    Results(Path directory) {
        this.directory = directory;
        json.put("suite", "saddlepoint gpu-suite");
        json.put("ok", false);
        json.put("finished", false);
        json.put("errors", errors);
    }

    void environment(Map<String, Object> device, Map<String, Object> machine, boolean quick) {
        json.put("device", device);
        json.put("machine", machine);
        json.put("quick", quick);
        text.append("Saddlepoint on ").append(device.get("hardware")).append('\n');
        if (Boolean.TRUE.equals(device.get("emulated"))) {
            text.append(
                    "EMULATED: a processor ran the kernels. Conformance counts; no time below is a time of a GPU.\n");
        }
        text.append("device: ").append(device).append('\n');
        text.append("machine: ").append(machine).append('\n');
    }

    void conformance(Conformance conformance) {
        Map<String, Object> part = new LinkedHashMap<>();
        part.put("passed", conformance.passedCount());
        part.put("failed", conformance.failures().size());
        part.put("skipped", conformance.skipped().size());
        part.put("seconds", conformance.seconds());
        part.put("passed_by_class", conformance.passed());
        part.put("failures", conformance.failures());
        part.put("skips", conformance.skipped());
        json.put("conformance", part);
        heading("Conformance");
        line("%d passed, %d failed, %d skipped in %.0f s"
                .formatted(
                        conformance.passedCount(),
                        conformance.failures().size(),
                        conformance.skipped().size(),
                        conformance.seconds()));
        conformance.passed().forEach((name, count) -> line("  %-40s %5d passed".formatted(name, count)));
        conformance.failures().forEach(failure -> line("  FAILED %s".formatted(failure)));
        conformance.skipped().forEach(skip -> line("  skipped %s".formatted(skip)));
        if (conformance.isFailed()) {
            errors.add("conformance: " + conformance.failures().size() + " failures");
        }
    }

    void ceilings(Ceilings measured) {
        ceilings = measured;
        json.put(
                "ceilings",
                Map.of("fma_gflops", measured.flops() * 1e-9, "copy_gbytes_per_second", measured.bandwidth() * 1e-9));
        heading("Ceilings, measured in this run" + timesOf);
        line("float32 multiply-adds   %,.1f GFLOP/s".formatted(measured.flops() * 1e-9));
        line("copy (read and write)   %,.1f GB/s".formatted(measured.bandwidth() * 1e-9));
    }

    void operations(List<OperationRates.Rate> rates) {
        TextTable table =
                new TextTable("operation", "microseconds", "GFLOP/s", "of FMA rate", "GB/s", "of copy bandwidth");
        List<Map<String, Object>> part = new ArrayList<>();
        for (OperationRates.Rate rate : rates) {
            double seconds = rate.timing().median();
            Map<String, Object> one = timed(rate.timing());
            one.put("operation", rate.name());
            one.put("gflops", rate.flop() / seconds * 1e-9);
            one.put("gbytes_per_second", rate.bytes() / seconds * 1e-9);
            part.add(one);
            table.row(
                    rate.name(),
                    "%,.1f".formatted(seconds * 1e6),
                    rate.flop() == 0 ? "" : "%,.0f".formatted(rate.flop() / seconds * 1e-9),
                    rate.flop() == 0 ? "" : share(rate.flop() / seconds, limits().flops()),
                    "%,.1f".formatted(rate.bytes() / seconds * 1e-9),
                    share(rate.bytes() / seconds, limits().bandwidth()));
        }
        json.put("operations", part);
        heading("Operations (bytes: the least that must move)" + timesOf);
        text.append(table);
    }

    void attacks(List<AttackRates.Rate> rates) {
        TextTable table = new TextTable(
                "attack", "batch", "precision", "form", "ms", "samples/s", "of FMA rate", "of layered", "of float32");
        List<Map<String, Object>> part = new ArrayList<>();
        for (AttackRates.Rate rate : rates) {
            double ofLayered = ratio(rate, rates, rate.precision().label(), false);
            double ofFloat32 = ratio(rate, rates, "float32", rate.fused());
            Map<String, Object> one = timed(rate.timing());
            one.put("workload", rate.workload().name());
            one.put("model", rate.workload().model().toString());
            one.put("batch", rate.batch());
            one.put("steps", rate.workload().attack().steps());
            one.put("precision", rate.precision().label());
            one.put("form", form(rate));
            one.put("samples_per_second", rate.samplesPerSecond());
            one.put("gflops", rate.flops() * 1e-9);
            one.put("speed_against_layered", ofLayered);
            one.put("speed_against_float32", ofFloat32);
            part.add(one);
            table.row(
                    rate.workload().name(),
                    Integer.toString(rate.batch()),
                    rate.precision().label(),
                    form(rate),
                    "%,.3f".formatted(rate.timing().median() * 1e3),
                    "%,.0f".formatted(rate.samplesPerSecond()),
                    share(rate.flops(), limits().flops()),
                    rate.fused() ? times(ofLayered) : "",
                    times(ofFloat32));
        }
        json.put("attacks", part);
        heading("Attacks (fused: as the device fuses what it can)" + timesOf);
        text.append(table);
    }

    void training(List<WorkloadRun> runs) {
        TextTable table =
                new TextTable("training", "attack precision", "samples/s", "slowest", "fastest", "of FMA rate");
        List<Map<String, Object>> part = new ArrayList<>();
        for (WorkloadRun run : runs) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("workload", run.workload().name());
            one.put("batch", run.workload().batchSize());
            one.put("attack_precision", run.precision().label());
            one.put("samples_per_second", run.median());
            one.put("slowest", run.slowest());
            one.put("fastest", run.fastest());
            one.put("gflops", run.flops() * 1e-9);
            part.add(one);
            table.row(
                    run.workload().name(),
                    run.precision().label(),
                    "%,.0f".formatted(run.median()),
                    "%,.0f".formatted(run.slowest()),
                    "%,.0f".formatted(run.fastest()),
                    share(run.flops(), limits().flops()));
        }
        json.put("training", part);
        heading("Adversarial training" + timesOf);
        text.append(table);
    }

    void error(String part, Throwable error) {
        errors.add(part + ": " + error);
        heading(part + " FAILED");
        line("%s".formatted(error));
    }

    void finish(double seconds) {
        json.put("finished", true);
        json.put("ok", isOk());
        json.put("seconds", seconds);
        line("\n%s after %.0f s".formatted(isOk() ? "OK" : "FAILED: " + String.join("; ", errors), seconds));
    }

    boolean isOk() {
        return errors.isEmpty();
    }

    String text() {
        return text.toString();
    }

    void write() throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("gpu-suite.json"), Json.write(json) + "\n");
        Files.writeString(directory.resolve("gpu-suite.txt"), text);
    }

    private Ceilings limits() {
        return ceilings == null ? new Ceilings(Double.NaN, Double.NaN) : ceilings;
    }

    private static String form(AttackRates.Rate rate) {
        return rate.fused() ? "fused" : "layered";
    }

    private static Map<String, Object> timed(Timing timing) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("seconds", timing.median());
        one.put("fastest_seconds", timing.fastest());
        one.put("slowest_seconds", timing.slowest());
        return one;
    }

    /** How many times faster than the same attack in another precision and form; NaN where that was not run. */
    private static double ratio(AttackRates.Rate rate, List<AttackRates.Rate> rates, String precision, boolean fused) {
        return rates.stream()
                .filter(other -> other.workload().equals(rate.workload()) && other.batch() == rate.batch())
                .filter(other -> other.precision().label().equals(precision) && other.fused() == fused)
                .mapToDouble(other -> other.timing().median() / rate.timing().median())
                .findFirst()
                .orElse(Double.NaN);
    }

    private static String share(double part, double whole) {
        return Double.isFinite(part / whole) ? "%.1f %%".formatted(100 * part / whole) : "";
    }

    private static String times(double ratio) {
        return Double.isFinite(ratio) ? "%.2f x".formatted(ratio) : "";
    }

    private void heading(String title) {
        text.append('\n').append(title).append('\n');
    }

    private void line(String line) {
        text.append(line).append('\n');
    }
}
