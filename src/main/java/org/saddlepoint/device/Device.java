package org.saddlepoint.device;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.ServiceLoader;
import java.util.Set;

/**
 * Hardware that runs the operation set. Safe for use from several threads. Close it last: arenas and classifiers that
 * live on it are the caller's to close first.
 */
public interface Device extends AutoCloseable {
    /**
     * Opens the best device of this machine with default options.
     *
     * @return a real GPU where there is one, else the CPU device
     */
    static Device best() {
        return open("auto", DeviceOptions.DEFAULT);
    }

    /**
     * Opens the CPU device.
     *
     * @param threads worker threads; 0: one a core
     * @return the device
     */
    static Device cpu(int threads) {
        return open("cpu", new DeviceOptions(threads));
    }

    /**
     * The devices of this machine, best first.
     *
     * @return their names
     */
    static List<String> available() {
        return providers().stream()
                .flatMap(provider -> provider.available().stream())
                .toList();
    }

    /**
     * The kinds of device that this library knows, whether this machine has them or not; the preferred one first.
     *
     * @return such as {@code cuda, cpu}
     */
    static List<String> kinds() {
        return providers().stream().map(DeviceProvider::kind).toList();
    }

    /**
     * Opens a device by name.
     *
     * @param name {@code auto}, one of {@link #available()}, or a kind, which means its first device
     * @param options how
     * @return the device
     * @throws IllegalArgumentException where there is no device of that name
     */
    static Device open(String name, DeviceOptions options) {
        for (DeviceProvider provider : providers()) {
            boolean automatic = name.equals("auto");
            if (automatic || name.equals(provider.kind()) || name.startsWith(provider.kind() + ":")) {
                for (String candidate : provider.available()) {
                    if (automatic ? provider.automatic(candidate) : means(name, candidate)) {
                        return provider.open(candidate, options);
                    }
                }
                Optional<String> absence = provider.absence();
                if (!automatic && absence.isPresent()) {
                    throw new IllegalArgumentException("there is no device '" + name + "' here: " + absence.get());
                }
            }
        }
        throw new IllegalArgumentException(
                "there is no device '" + name + "' here: choose auto or one of " + String.join(", ", available()));
    }

    /** A kind's name alone means its first device. */
    private static boolean means(String name, String candidate) {
        return candidate.equals(name) || candidate.equals(name + ":0");
    }

    /**
     * Why this machine lacks some kinds of device.
     *
     * @return one line for each kind that it lacks
     */
    static List<String> absences() {
        return providers().stream()
                .flatMap(provider -> provider.absence().stream())
                .toList();
    }

    private static List<DeviceProvider> providers() {
        return ServiceLoader.load(DeviceProvider.class, Device.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparingInt(DeviceProvider::preference).reversed())
                .toList();
    }

    /**
     * The name by which it was opened.
     *
     * @return such as {@code cpu} or {@code cuda:0}
     */
    String name();

    /**
     * The hardware's own name.
     *
     * @return such as a processor's model name
     */
    String hardware();

    /**
     * Worker threads on the host.
     *
     * @return at least 1
     */
    int threads();

    /**
     * What results repeat under bit for bit: dispatch level, precision, provider, versions.
     *
     * @return keys and values, in a fixed order, for results and logs
     */
    Map<String, String> properties();

    /**
     * Measures how many float32 operations a second the device reaches in independent multiply-adds, a product and a sum
     * counted as two: the ceiling of every float32 product. Takes about half a second.
     *
     * @return operations a second, the best of several runs
     */
    double measurePeakFlops();

    /**
     * The formats to which it can round the operands of an attack's products.
     *
     * @return float32 at least
     */
    Set<Precision> attackPrecisions();

    /**
     * Memory that buffers can still be had from.
     *
     * @return in bytes; empty where the device shares the host's memory
     */
    default OptionalLong freeMemory() {
        return OptionalLong.empty();
    }

    /**
     * What the device was told to do since it was opened: launches, allocations, bytes each way, waits.
     *
     * @return names and counts; empty where nothing is counted
     */
    default Map<String, Long> counters() {
        return Map.of();
    }

    /**
     * The operation set.
     *
     * @return the operations of this device
     */
    Operations operations();

    /**
     * A new arena for buffers on this device.
     *
     * @return the arena, to be closed by the caller
     */
    BufferArena arena();

    /** Releases the device. Closing twice has no effect. */
    @Override
    void close();
}
