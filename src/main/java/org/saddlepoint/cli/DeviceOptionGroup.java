package org.saddlepoint.cli;

import java.util.List;
import java.util.stream.Collectors;
import org.saddlepoint.data.EditDistance;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.DeviceOptions;
import org.saddlepoint.device.Precision;
import picocli.CommandLine.Option;

/** Where to compute. */
final class DeviceOptionGroup {
    private static final List<String> PROVIDERS = List.of(DeviceOptions.OWN, "cublas", "cudnn");

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "auto",
            description = "auto (a GPU, else the CPU), cpu, cuda or cuda:1, as 'saddlepoint info' lists them."
                    + " Default: ${DEFAULT-VALUE}.")
    private String device;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Worker threads; 0: one a core. Changes no result. Default: ${DEFAULT-VALUE}.")
    private int threads;

    @Option(
            names = "--provider",
            paramLabel = "PROVIDER",
            defaultValue = DeviceOptions.OWN,
            description = "Whose products: own, or on a CUDA device cublas for dense layers or cudnn for convolutions"
                    + " (then results may change with the batch size). Default: ${DEFAULT-VALUE}.")
    private String provider;

    void check() {
        if (threads < 0 || threads > 1024) {
            throw new UsageException("--threads is " + threads + ": it must lie in 0..1024 (0: one a core)");
        }
        List<String> kinds = Device.kinds();
        if (!device.equals("auto") && !kinds.contains(device.replaceFirst(":\\d+$", ""))) {
            throw new UsageException("--device is '" + device + "'" + EditDistance.suggestion(device, kinds)
                    + ": choose auto or one of " + String.join(", ", kinds));
        }
        if (!PROVIDERS.contains(provider)) {
            throw new UsageException("--provider is '" + provider + "': choose own, cublas or cudnn");
        }
    }

    /** Worker threads. */
    int threads() {
        return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    }

    Device open() {
        return Device.open(device, new DeviceOptions(threads, provider));
    }

    /** Refuses a format that the device does not have, before anything is written. */
    static void requirePrecision(Device device, Precision precision) {
        if (!device.attackPrecisions().contains(precision)) {
            throw new UsageException("--attack-precision is " + precision.label() + ", which " + device.name()
                    + " does not have: choose "
                    + device.attackPrecisions().stream()
                            .sorted()
                            .map(Precision::label)
                            .collect(Collectors.joining(" or ")));
        }
    }

    /** Which device auto chose, and what it looked for in vain: a silent fall-back would be worse than none. */
    void say(CommonOptions common, Device opened) {
        if (device.equals("auto")) {
            Device.absences().forEach(absence -> common.note("device " + opened.name() + ": " + absence));
            Device.available().stream()
                    .takeWhile(better -> !better.equals(opened.name()))
                    .forEach(
                            better -> common.note(
                                    "device " + opened.name() + ": " + better
                                            + " is passed over: it is emulated, or its driver is older than the nvcc that built the kernels"));
        }
    }
}
