package org.saddlepoint.device.cpu;

import java.util.List;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.DeviceOptions;
import org.saddlepoint.device.DeviceProvider;

/** Registers the CPU device. */
public final class CpuDeviceProvider implements DeviceProvider {
    /** Called by the service loader. */
    public CpuDeviceProvider() {}

    @Override
    public String kind() {
        return "cpu";
    }

    @Override
    public List<String> available() {
        return List.of("cpu");
    }

    @Override
    public int preference() {
        return 0;
    }

    @Override
    public Device open(String name, DeviceOptions options) {
        if (!options.provider().equals(DeviceOptions.OWN)) {
            throw new IllegalArgumentException(
                    "the CPU device has no provider '" + options.provider() + "': it knows own alone");
        }
        int threads =
                options.threads() > 0 ? options.threads() : Runtime.getRuntime().availableProcessors();
        return new CpuDevice(threads, CpuLevel.chosen());
    }
}
