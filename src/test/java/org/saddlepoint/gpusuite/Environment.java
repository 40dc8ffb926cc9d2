package org.saddlepoint.gpusuite;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.saddlepoint.device.Device;

/** What was measured, and on what. */
final class Environment {
    private static final String[] SMI = {
        "name", "driver_version", "clocks.max.sm", "clocks.max.memory", "power.limit", "memory.total"
    };

    private Environment() {}

    /** Whether the device is the test suite's emulated driver: it says so in its name. */
    static boolean isEmulated(Device device) {
        return device.hardware().toLowerCase(Locale.ROOT).contains("emulated");
    }

    static Map<String, Object> device(Device device) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", device.name());
        json.put("hardware", device.hardware());
        json.put("emulated", isEmulated(device));
        json.putAll(device.properties());
        if (device.name().startsWith("cuda") && !isEmulated(device)) {
            json.put("nvidia_smi", smi());
        }
        return json;
    }

    static Map<String, Object> machine() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        json.put("processors", Runtime.getRuntime().availableProcessors());
        json.put("java", System.getProperty("java.vm.version"));
        json.put(
                "saddlepoint",
                Objects.requireNonNullElse(Device.class.getPackage().getImplementationVersion(), "development"));
        json.put("commit", System.getProperty("gpusuite.commit", "unknown"));
        return json;
    }

    /** What nvidia-smi says of the first GPU; empty where it is not there. */
    private static Map<String, Object> smi() {
        Map<String, Object> json = new LinkedHashMap<>();
        try {
            Process process = new ProcessBuilder(
                            "nvidia-smi", "--query-gpu=" + String.join(",", SMI), "--format=csv,noheader", "--id=0")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String[] values = said.strip().split(", ", -1);
            if (process.waitFor(10, TimeUnit.SECONDS) && values.length == SMI.length) {
                for (int i = 0; i < SMI.length; i++) {
                    json.put(SMI[i], values[i]);
                }
            }
        } catch (IOException e) {
            json.put("absent", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return json;
    }
}
