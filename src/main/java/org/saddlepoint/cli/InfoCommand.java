package org.saddlepoint.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.saddlepoint.data.DatasetFetcher;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.DeviceOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code saddlepoint info}. */
@Command(
        name = "info",
        description = "Shows versions, devices with their instruction sets, and directories.",
        abbreviateSynopsis = true,
        sortOptions = false,
        optionListHeading = "%n",
        footerHeading = "%nExamples:%n",
        footer = {"  saddlepoint info", "  saddlepoint info --json"})
final class InfoCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("version", Version.current());
        json.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        json.put("java_home", System.getProperty("java.home"));
        json.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        json.put("cores", Runtime.getRuntime().availableProcessors());
        json.put("cache", DatasetFetcher.standard().cache().toString());
        json.put("temporary", System.getProperty("java.io.tmpdir"));
        json.put("devices", devices());
        json.put("absent", Device.absences());
        common.result(json, text(json));
        return 0;
    }

    private static List<Map<String, Object>> devices() {
        List<Map<String, Object>> devices = new ArrayList<>();
        for (String name : Device.available()) {
            try (Device device = Device.open(name, DeviceOptions.DEFAULT)) {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("name", name);
                one.put("hardware", device.hardware());
                one.put("threads", device.threads());
                one.putAll(device.properties());
                if (one.remove("provider") != null) {
                    one.put("providers", providers(name));
                }
                devices.add(one);
            }
        }
        return devices;
    }

    /** Whose products the device can use, with versions. */
    private static String providers(String name) {
        return Stream.concat(
                        Stream.of(DeviceOptions.OWN),
                        Stream.of("cublas", "cudnn").flatMap(library -> provider(name, library)))
                .collect(Collectors.joining(", "));
    }

    private static Stream<String> provider(String name, String library) {
        try (Device device = Device.open(name, new DeviceOptions(0, library))) {
            return Stream.of(String.valueOf(device.properties().get("provider")));
        } catch (RuntimeException e) {
            return Stream.empty(); // no library of that kind here
        }
    }

    private static String text(Map<String, Object> json) {
        StringBuilder out = new StringBuilder();
        json.forEach((key, value) -> {
            if (value instanceof Iterable<?> devices) {
                devices.forEach(device -> out.append(
                        device instanceof Map<?, ?> there
                                ? line("device", deviceText(there))
                                : line("no device", String.valueOf(device))));
            } else {
                out.append(line(key.replace('_', ' '), String.valueOf(value)));
            }
        });
        return out.toString();
    }

    private static String deviceText(Map<?, ?> device) {
        StringBuilder out = new StringBuilder(device.get("name") + ": " + device.get("hardware"));
        device.forEach((key, value) -> {
            if (!key.equals("name") && !key.equals("hardware") && !key.equals("kind")) {
                out.append(", ").append(key).append(' ').append(value);
            }
        });
        return out.toString();
    }

    private static String line(String name, String value) {
        return String.format("%-12s%s%n", name, value);
    }
}
