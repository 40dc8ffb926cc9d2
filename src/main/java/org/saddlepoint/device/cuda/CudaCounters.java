package org.saddlepoint.device.cuda;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a device was asked to do since it was opened. A training step that repeats a recorded one adds one graph launch and
 * nothing else.
 *
 * @param launches kernels launched one by one, those of graphs not among them
 * @param graphLaunches graphs launched
 * @param allocations pieces of device memory allocated
 * @param frees pieces of device memory freed
 * @param bytesToDevice bytes copied from the host
 * @param bytesFromDevice bytes copied to the host
 * @param synchronisations times that the host waited for a stream or an event
 */
record CudaCounters(
        long launches,
        long graphLaunches,
        long allocations,
        long frees,
        long bytesToDevice,
        long bytesFromDevice,
        long synchronisations) {
    /** What was added since an earlier reading of the same device. */
    CudaCounters since(CudaCounters earlier) {
        return new CudaCounters(
                launches - earlier.launches,
                graphLaunches - earlier.graphLaunches,
                allocations - earlier.allocations,
                frees - earlier.frees,
                bytesToDevice - earlier.bytesToDevice,
                bytesFromDevice - earlier.bytesFromDevice,
                synchronisations - earlier.synchronisations);
    }

    /** Under the names that {@link org.saddlepoint.device.Device#counters} gives them. */
    Map<String, Long> named() {
        Map<String, Long> named = new LinkedHashMap<>();
        named.put("launches", launches);
        named.put("graph_launches", graphLaunches);
        named.put("allocations", allocations);
        named.put("frees", frees);
        named.put("bytes_to_device", bytesToDevice);
        named.put("bytes_from_device", bytesFromDevice);
        named.put("synchronisations", synchronisations);
        return named;
    }
}
