package org.saddlepoint.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.saddlepoint.bench.Workload;
import org.saddlepoint.bench.WorkloadRun;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.Precision;
import org.saddlepoint.report.TextTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code saddlepoint bench}. */
@Command(
        name = "bench",
        description = "Times standard workloads of adversarial training on this machine, on synthetic data of MNIST's"
                + " shape, against the machine's own peak.",
        abbreviateSynopsis = true,
        sortOptions = false,
        optionListHeading = "%n",
        footerHeading = "%nWorkloads (L-inf PGD from a random start, Adam, cross-entropy):%n",
        footer = {
            "  W1  784-128-10, batch 32, 4 steps",
            "  W2  784-128-10, batch 256, 10 steps",
            "  W3  784-512-256-10, batch 128, 40 steps",
            "",
            "Examples:",
            "  saddlepoint bench",
            "  saddlepoint bench --workload W3 --attack-precision bf16 --json"
        })
final class BenchCommand implements Callable<Integer> {
    private static final int REPETITIONS = 5;

    @Mixin
    private CommonOptions common;

    @Mixin
    private DeviceOptionGroup where;

    @Option(
            names = "--workload",
            paramLabel = "NAME",
            defaultValue = "all",
            description = "W1 to W5, or all. Default: ${DEFAULT-VALUE}.")
    private String workload;

    @Option(
            names = "--seconds",
            paramLabel = "SECONDS",
            defaultValue = "1",
            description = "Length of a repetition; at least one batch is run. There are " + REPETITIONS
                    + " that count, after a warm-up. Default: ${DEFAULT-VALUE}.")
    private double seconds;

    @Option(
            names = "--attack-precision",
            paramLabel = "FORMAT",
            defaultValue = "float32",
            completionCandidates = Choices.Precisions.class,
            description =
                    "float32, bf16, or on CUDA tf32: operands of the attack's products are rounded. Default: ${DEFAULT-VALUE}.")
    private Precision precision;

    @Override
    public Integer call() {
        List<Workload> chosen = workloads();
        Require.above("--seconds", seconds, 0);
        where.check();
        try (Device device = where.open()) {
            DeviceOptionGroup.requirePrecision(device, precision);
            where.say(common, device);
            List<WorkloadRun> runs = new ArrayList<>();
            double peak = device.measurePeakFlops();
            for (Workload one : chosen) {
                common.note(one.name() + ": " + one.model() + ", batch " + one.batchSize() + ", "
                        + one.attack().steps() + " steps");
                runs.add(WorkloadRun.of(one, device, precision, seconds, REPETITIONS));
                // On a busy machine the first measurement may have been too low for a ceiling.
                peak = Math.max(peak, device.measurePeakFlops());
            }
            common.result(json(runs, peak, device), text(runs, peak, device));
        }
        return 0;
    }

    private List<Workload> workloads() {
        if (workload.equals("all")) {
            return Workload.ALL;
        }
        List<Workload> named =
                Workload.ALL.stream().filter(one -> one.name().equals(workload)).toList();
        if (named.isEmpty()) {
            throw new UsageException("--workload is '" + workload + "': choose W1, W2, W3, W4, W5 or all");
        }
        return named;
    }

    private static Map<String, Object> json(List<WorkloadRun> runs, double peak, Device device) {
        List<Map<String, Object>> workloads = new ArrayList<>();
        for (WorkloadRun run : runs) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", run.workload().name());
            one.put("samples_per_second", run.median());
            one.put("slowest", run.slowest());
            one.put("fastest", run.fastest());
            one.put("flop_per_sample", run.workload().flopPerSample());
            one.put("gflops", run.flops() * 1e-9);
            one.put("peak_gflops", peak * 1e-9);
            one.put("share_of_peak", run.flops() / peak);
            one.put("repetitions", run.samplesPerSecond().size());
            DeviceReport.put(one, device);
            one.put("attack_precision", run.precision().label());
            workloads.add(one);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("workloads", workloads);
        return json;
    }

    private static String text(List<WorkloadRun> runs, double peak, Device device) {
        TextTable table = new TextTable("workload", "samples/s", "slowest", "fastest", "GFLOP/s", "share of peak");
        for (WorkloadRun run : runs) {
            table.row(
                    run.workload().name(),
                    String.format(Locale.ROOT, "%,.0f", run.median()),
                    String.format(Locale.ROOT, "%,.0f", run.slowest()),
                    String.format(Locale.ROOT, "%,.0f", run.fastest()),
                    String.format(Locale.ROOT, "%.1f", run.flops() * 1e-9),
                    String.format(Locale.ROOT, "%.0f %%", 100 * run.flops() / peak));
        }
        return "%s%nMedians of %d repetitions on %s (%s), %d threads, attacks in %s; peak: %.1f GFLOP/s of float32 multiply-adds.%n"
                .formatted(
                        table,
                        REPETITIONS,
                        device.name(),
                        device.hardware(),
                        device.threads(),
                        runs.getFirst().precision().label(),
                        peak * 1e-9);
    }
}
