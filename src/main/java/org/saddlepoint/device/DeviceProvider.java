package org.saddlepoint.device;

import java.util.List;

/** A kind of device, registered as a service. */
public interface DeviceProvider {
    /**
     * The devices of this kind on this machine, best first.
     *
     * @return names such as {@code cpu} or {@code cuda:0}; empty where there is none
     */
    List<String> available();

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
