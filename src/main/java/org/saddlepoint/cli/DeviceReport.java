package org.saddlepoint.cli;

import java.util.Map;
import org.saddlepoint.device.Device;

/** What results say of the device they were computed on: all under which their bits repeat. */
final class DeviceReport {
    private DeviceReport() {}

    static void put(Map<String, Object> json, Device device) {
        json.put("device", device.name());
        json.put("device_name", device.hardware());
        json.put("threads", device.threads());
        device.properties().forEach((key, value) -> {
            if (!key.equals("kind")) { // the name's first part
                json.put(key, value);
            }
        });
    }
}
