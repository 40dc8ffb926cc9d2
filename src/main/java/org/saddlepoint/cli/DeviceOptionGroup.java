package org.saddlepoint.cli;

import java.util.List;
import org.saddlepoint.data.EditDistance;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.DeviceOptions;
import picocli.CommandLine.Option;

/** Where to compute. */
final class DeviceOptionGroup {
    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "auto",
            description = "auto (the best there is) or a name that 'saddlepoint info' lists, such as cpu."
                    + " Default: ${DEFAULT-VALUE}.")
    private String device;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Worker threads; 0: one a core. Changes no result. Default: ${DEFAULT-VALUE}.")
    private int threads;

    void check() {
        if (threads < 0 || threads > 1024) {
            throw new UsageException("--threads is " + threads + ": it must lie in 0..1024 (0: one a core)");
        }
        List<String> available = Device.available();
        if (!device.equals("auto") && !available.contains(device)) {
            throw new UsageException("--device is '" + device + "'" + EditDistance.suggestion(device, available)
                    + ": choose auto or one of " + String.join(", ", available));
        }
    }

    Device open() {
        return Device.open(device, new DeviceOptions(threads));
    }
}
