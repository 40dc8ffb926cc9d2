package org.saddlepoint.device;

import java.util.List;
import java.util.Optional;

/** A kind of device, registered as a service. */
public interface DeviceProvider {
    /**
     * What its devices' names begin with.
     *
     * @return such as {@code cpu} or {@code cuda}
     */
    String kind();

    /**
     * The devices of this kind on this machine, best first.
     *
     * @return names such as {@code cpu} or {@code cuda:0}; empty where there is none
     */
    List<String> available();

    /**
     * Why this machine has no device of this kind.
     *
     * @return one line, or empty where it has one
     */
    default Optional<String> absence() {
        return Optional.empty();
    }

    /**
     * Whether a device may be picked by {@link Device#best()}: an emulated one must be asked for by name.
     *
     * @param name one of {@link #available()}
     * @return true unless overridden
     */
    default boolean automatic(String name) {
        return true;
    }

    /**
     * How much this kind is preferred by {@link Device#best()}: the highest wins.
     *
     * @return 0 for the CPU
     */
    int preference();

    /**
     * Opens a device.
     *
     * @param name one of {@link #available()}
     * @param options how
     * @return the device, to be closed by the caller
     */
    Device open(String name, DeviceOptions options);
}
