package org.saddlepoint.gpusuite;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.bench.Workload;
import org.saddlepoint.bench.WorkloadRun;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.DeviceOptions;
import org.saddlepoint.device.Precision;

/** The command: everything on one device, one JSON and one table. Exit code 0: all well; 1: a failure; 2: bad usage. */
public final class GpuSuite {
    private static final String USAGE = """
            usage: run [--device NAME] [--out DIRECTORY] [--only conformance|benchmarks] [--quick|--full] [--minutes N]
              --device   cuda (the default), cuda:1, cpu
              --out      where gpu-suite.json and gpu-suite.txt go (default: results)
              --only     one half
              --quick    every benchmark once, at tiny sizes: the default on the emulated driver
              --full     all sizes: the default elsewhere
              --minutes  the suite ends itself after so long (default: 30)
            """;

    private String deviceName = "cuda";
    private Path out = Path.of("results");
    private String only = "";
    private @Nullable Boolean quick;
    private int minutes = 30;

    private final PrintWriter log;
    private volatile String part = "the start";

    private GpuSuite(PrintWriter log) {
        this.log = log;
    }

    /** Runs the suite and ends the virtual machine with its exit code. */
    public static void main(String[] arguments) {
        Locale.setDefault(Locale.ROOT); // one number format, wherever it runs
        System.exit(run(new PrintWriter(System.out, true, StandardCharsets.UTF_8), arguments));
    }

    static int run(PrintWriter log, String... arguments) {
        GpuSuite suite = new GpuSuite(log);
        try {
            suite.parse(arguments);
        } catch (IllegalArgumentException e) {
            log.println(e.getMessage() + "\n" + USAGE);
            return 2;
        }
        try {
            return suite.run();
        } catch (IOException e) {
            log.println("the results could not be written: " + e);
            return 1;
        }
    }

    private void parse(String... arguments) {
        for (int i = 0; i < arguments.length; i++) {
            String option = arguments[i];
            switch (option) {
                case "--quick", "--full" -> quick = option.equals("--quick");
                case "--device", "--out", "--only", "--minutes" -> {
                    if (++i == arguments.length) {
                        throw new IllegalArgumentException(option + " needs a value");
                    }
                    set(option, arguments[i]);
                }
                default -> throw new IllegalArgumentException("there is no option " + option);
            }
        }
    }

    private void set(String option, String value) {
        switch (option) {
            case "--device" -> deviceName = value;
            case "--out" -> out = Path.of(value);
            case "--minutes" -> minutes = Integer.parseInt(value);
            default -> {
                if (!List.of("conformance", "benchmarks").contains(value)) {
                    throw new IllegalArgumentException("--only is '" + value + "': choose conformance or benchmarks");
                }
                only = value;
            }
        }
    }

    private int run() throws IOException {
        long begin = System.nanoTime();
        Results results = new Results(out);
        boolean small;
        try (Device device = open()) {
            small = quick == null ? Environment.isEmulated(device) : quick;
            results.environment(Environment.device(device), Environment.machine(), small);
        } catch (IllegalArgumentException e) {
            log.println(e.getMessage());
            return 2;
        }
        results.write();
        Thread watchdog = watchdog(results);
        log.print(results.text());
        if (!only.equals("benchmarks")) {
            String kinds = deviceName.replaceFirst(":.*", "").toUpperCase(Locale.ROOT);
            attempt(results, "conformance", () -> results.conformance(Conformance.run(kinds, log)));
        }
        if (!only.equals("conformance")) {
            benchmarks(results, small ? Sizes.quick() : Sizes.full());
        }
        watchdog.interrupt();
        results.finish((System.nanoTime() - begin) * 1e-9);
        results.write();
        log.println();
        log.println(results.text());
        return results.isOk() ? 0 : 1;
    }

    /** Each part opens the device anew: after a failure that spoils a CUDA context the others still run. */
    private void benchmarks(Results results, Sizes sizes) throws IOException {
        attempt(results, "ceilings", () -> {
            try (Device device = open()) {
                results.ceilings(Ceilings.measure(device, sizes));
            }
        });
        attempt(results, "operations", () -> {
            try (Device device = open()) {
                results.operations(OperationRates.measure(device, sizes));
            }
        });
        attempt(results, "attacks", () -> {
            try (Device device = open()) {
                results.attacks(AttackRates.measure(device, sizes));
            }
        });
        attempt(results, "training", () -> {
            try (Device device = open()) {
                results.training(training(device, sizes));
            }
        });
    }

    private static List<WorkloadRun> training(Device device, Sizes sizes) {
        List<WorkloadRun> runs = new ArrayList<>();
        for (Workload workload : sizes.workloads()) {
            for (Precision precision : AttackRates.precisions(device)) {
                runs.add(WorkloadRun.of(workload, device, precision, sizes.trainingSeconds(), sizes.repetitions()));
            }
        }
        return runs;
    }

    private void attempt(Results results, String name, Runnable work) throws IOException {
        part = name;
        log.println(name + " ...");
        try {
            work.run();
        } catch (RuntimeException | LinkageError | AssertionError e) {
            log.println(name + " failed:");
            e.printStackTrace(log);
            results.error(name, e);
        }
        results.write();
    }

    private Device open() {
        return Device.open(deviceName, DeviceOptions.DEFAULT);
    }

    /** Ends a hanging suite: what was found is written by then. */
    private Thread watchdog(Results results) {
        return Thread.ofPlatform().daemon().name("watchdog").start(() -> {
            try {
                Thread.sleep(minutes * 60_000L);
                log.println("ended after " + minutes + " minutes, in " + part + "; the results so far are in " + out);
                results.error(part, new IllegalStateException("not finished after " + minutes + " minutes"));
                results.write();
            } catch (InterruptedException e) {
                return; // the suite was faster
            } catch (IOException e) {
                log.println(e);
            }
            Runtime.getRuntime().halt(1);
        });
    }
}
