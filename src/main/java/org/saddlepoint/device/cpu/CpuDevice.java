package org.saddlepoint.device.cpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.saddlepoint.device.BufferArena;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.Operations;
import org.saddlepoint.device.Precision;

/**
 * The CPU device. Its native handle is tied to a shared arena: closing while another thread is inside an operation is
 * refused by the run-time, and an operation after close too.
 */
final class CpuDevice implements Device {
    private final int threads;
    private final Arena lifetime = Arena.ofShared();
    private final MemorySegment handle;
    private final CpuOperations operations;
    private final CpuLevel level;

    CpuDevice(int threads, CpuLevel level) {
        this.threads = threads;
        try (Arena call = Arena.ofConfined()) {
            MemorySegment out = call.allocate(ADDRESS);
            CpuOperations.check(
                    "device_create", (int) CpuLibrary.DEVICE_CREATE.invokeExact(threads, level.ordinal(), out));
            this.handle = out.get(ADDRESS, 0).reinterpret(1, lifetime, CpuDevice::destroy);
        } catch (Throwable e) {
            throw CpuOperations.unchecked(e);
        }
        this.level = level;
        this.operations = new CpuOperations(handle, new CpuRecorders(handle, lifetime));
    }

    static void destroy(MemorySegment handle) {
        try {
            CpuOperations.check("device_destroy", (int) CpuLibrary.DEVICE_DESTROY.invokeExact(handle));
        } catch (Throwable e) {
            throw CpuOperations.unchecked(e);
        }
    }

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public String hardware() {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }

    @Override
    public int threads() {
        return threads;
    }

    @Override
    public Map<String, String> properties() {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("kind", "cpu");
        properties.put("level", level.name().toLowerCase(Locale.ROOT));
        return properties;
    }

    @Override
    public Set<Precision> attackPrecisions() {
        return Set.of(Precision.FLOAT32, Precision.BF16);
    }

    @Override
    public double measurePeakFlops() {
        double best = 0;
        try (Arena call = Arena.ofConfined()) {
            MemorySegment flops = call.allocate(JAVA_LONG);
            long iterations = 100_000;
            for (long started = System.nanoTime(); System.nanoTime() - started < 500_000_000; ) {
                long begin = System.nanoTime();
                CpuOperations.check("fma_peak", (int) CpuLibrary.FMA_PEAK.invokeExact(handle, iterations, flops));
                best = Math.max(best, flops.get(JAVA_LONG, 0) / ((System.nanoTime() - begin) * 1e-9));
            }
        } catch (Throwable e) {
            throw CpuOperations.unchecked(e);
        }
        return best;
    }

    @Override
    public Operations operations() {
        return operations;
    }

    @Override
    public BufferArena arena() {
        if (!lifetime.scope().isAlive()) {
            throw new IllegalStateException("this device is closed");
        }
        return new CpuArena();
    }

    @Override
    public void close() {
        if (lifetime.scope().isAlive()) {
            lifetime.close();
        }
    }
}
