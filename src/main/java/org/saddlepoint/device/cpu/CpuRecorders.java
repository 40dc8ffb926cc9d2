package org.saddlepoint.device.cpu;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Consumer;
import org.saddlepoint.device.Operations;

/** A device's recorders: made when one is needed, and kept for the next. */
final class CpuRecorders {
    private final MemorySegment device;
    private final Arena lifetime;
    private final Deque<Recorder> idle = new ConcurrentLinkedDeque<>();

    /** A recorder and the operation set over it. */
    private record Recorder(MemorySegment handle, CpuOperations operations) {}

    /** Lifetime: that of the device. */
    CpuRecorders(MemorySegment device, Arena lifetime) {
        this.device = device;
        this.lifetime = lifetime;
    }

    /** Records work, then runs it; where recording fails, nothing is run. */
    void run(int n, MemorySegment done, Consumer<Operations> work) {
        Recorder recorder = idle.poll();
        if (recorder == null) {
            recorder = create();
        }
        try {
            CpuOperations.check(
                    "recorder_begin", (int) CpuLibrary.RECORDER_BEGIN.invokeExact(recorder.handle, (long) n, done));
            work.accept(recorder.operations);
            CpuOperations.check("recorder_run", (int) CpuLibrary.RECORDER_RUN.invokeExact(recorder.handle));
        } catch (Throwable e) {
            throw CpuOperations.unchecked(e);
        } finally {
            idle.push(recorder);
        }
    }

    private Recorder create() {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment out = call.allocate(ADDRESS);
            CpuOperations.check("recorder_create", (int) CpuLibrary.RECORDER_CREATE.invokeExact(device, out));
            MemorySegment handle = out.get(ADDRESS, 0).reinterpret(1, lifetime, CpuDevice::destroy);
            return new Recorder(handle, new CpuOperations(handle, null));
        } catch (Throwable e) {
            throw CpuOperations.unchecked(e);
        }
    }
}
