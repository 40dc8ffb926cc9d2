package org.saddlepoint.device.cuda;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUctx_flags;
import jcuda.driver.CUdevice;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.DeviceException;
import org.saddlepoint.device.OutOfDeviceMemoryException;

/**
 * One context on one GPU, and the one place that calls the driver in it: order, counters, errors. Kernels run on one
 * stream in the order in which they were asked for; values are read back on a second stream.
 *
 * <p>Every call is made inside {@link #call}, which makes the context current and keeps other threads out: a buffer that
 * was found open stays so until the call is made, a thread that records a graph records its own work alone, and closing
 * waits for calls that are under way. Calls only put work into a stream, so nobody is kept out for long; whoever waits
 * for a stream ({@link #await}) does so outside.
 */
final class CudaDriver implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(CudaDriver.class.getName());

    private final CudaHardware hardware;
    private final CudaSwitches switches;
    private final ReentrantLock lock = new ReentrantLock();
    private final CUcontext context = new CUcontext();
    private final CUstream compute = new CUstream();
    private final CUstream copy = new CUstream();
    private final CUevent computed = new CUevent();
    private final Set<CudaArena> arenas = new HashSet<>();
    private boolean closed;
    private volatile @Nullable DeviceException failure;
    private String lastKernel = "no kernel";
    private @Nullable Recording recording;

    private long launches;
    private long graphLaunches;
    private long allocations;
    private long frees;
    private long bytesToDevice;
    private long bytesFromDevice;
    private long synchronisations;

    CudaDriver(CudaHardware hardware, CudaSwitches switches) {
        this.hardware = hardware;
        this.switches = switches;
        CUdevice device = new CUdevice();
        CudaErrors.check(JCudaDriver.cuDeviceGet(device, hardware.ordinal()), "opening " + hardware.deviceName());
        // A context of our own: after a sticky error another one can be had, which is not so of the primary context.
        CudaErrors.check(
                JCudaDriver.cuCtxCreate(context, CUctx_flags.CU_CTX_SCHED_BLOCKING_SYNC, device),
                "opening " + hardware.deviceName());
        try {
            check(JCudaDriver.cuStreamCreate(compute, CUstream_flags.CU_STREAM_NON_BLOCKING), "creating a stream");
            check(JCudaDriver.cuStreamCreate(copy, CUstream_flags.CU_STREAM_NON_BLOCKING), "creating a stream");
            check(JCudaDriver.cuEventCreate(computed, CUevent_flags.CU_EVENT_DISABLE_TIMING), "creating an event");
        } catch (RuntimeException e) {
            JCudaDriver.cuCtxDestroy(context);
            throw e;
        }
    }

    CudaHardware hardware() {
        return hardware;
    }

    CudaSwitches switches() {
        return switches;
    }

    /**
     * Does something alone with the device; in it may be done again.
     *
     * @throws IllegalStateException where the device is closed
     * @throws DeviceException where it must be reopened
     */
    <T> T call(Supplier<T> work) {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the device " + hardware.deviceName() + " is closed");
            }
            DeviceException before = failure;
            if (before != null) {
                throw new DeviceException(
                        "the device " + hardware.deviceName() + " failed earlier and must be closed and opened again: "
                                + before.getMessage(),
                        true);
            }
            check(JCudaDriver.cuCtxSetCurrent(context), "making a context current");
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    /** {@link #call} without a result. */
    void run(Runnable work) {
        call(() -> {
            work.run();
            return true;
        });
    }

    // ---- memory ----

    /** Fresh memory that is zero; not while something is being recorded. */
    long allocate(long bytes, String what) {
        CudaPointer pointer = new CudaPointer(0);
        long guard = switches.poison() ? CudaArena.ALIGNMENT : 0;
        int status = JCudaDriver.cuMemAlloc(pointer, bytes + guard);
        if (status == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
            throw outOfMemory(bytes, what);
        }
        check(status, "allocating " + bytes + " bytes");
        allocations++;
        try {
            check(
                    JCudaDriver.cuMemsetD8Async(pointer, (byte) 0, bytes, compute),
                    "filling " + bytes + " bytes with zeros");
            if (guard > 0) {
                CudaPointer behind = new CudaPointer(pointer.address() + bytes);
                check(JCudaDriver.cuMemsetD8Async(behind, (byte) -1, guard, compute), "poisoning memory");
            }
        } catch (RuntimeException e) {
            free(pointer.address(), bytes);
            throw e;
        }
        return pointer.address();
    }

    private OutOfDeviceMemoryException outOfMemory(long bytes, String what) {
        long[] free = new long[1];
        long[] total = new long[1];
        JCudaDriver.cuMemGetInfo(free, total);
        return new OutOfDeviceMemoryException(
                "the device " + hardware.deviceName() + " has no memory for " + what + ": asked for " + mebibytes(bytes)
                        + ", free " + mebibytes(free[0]) + " of " + mebibytes(total[0])
                        + ": use a smaller batch, or close what else lives on the device",
                new DeviceException(CudaErrors.name(CUresult.CUDA_ERROR_OUT_OF_MEMORY), false));
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / (1024.0 * 1024.0));
    }

    /** Frees memory that no work in the streams uses any more: {@link #drain} first. */
    void free(long address, long bytes) {
        CudaPointer pointer = new CudaPointer(address);
        if (switches.poison()) {
            JCudaDriver.cuMemsetD8(pointer, (byte) -1, bytes);
        }
        int status = JCudaDriver.cuMemFree(pointer);
        frees++;
        check(status, "freeing " + bytes + " bytes");
    }

    void copyWithin(CudaBuffer target, CudaBuffer source, long bytes) {
        if (bytes == 0) {
            return;
        }
        use(target);
        use(source);
        CudaPointer to = new CudaPointer(target.address());
        check(
                JCudaDriver.cuMemcpyDtoDAsync(to, new CudaPointer(source.address()), bytes, compute),
                "copying " + bytes + " bytes within the device");
        afterLaunch("copy");
    }

    /** Sets 4-byte elements. */
    void fill(CudaBuffer target, int bits, long elements) {
        if (elements == 0) {
            return;
        }
        use(target);
        check(
                JCudaDriver.cuMemsetD32Async(new CudaPointer(target.address()), bits, elements, compute),
                "filling " + elements + " elements");
        afterLaunch("fill");
    }

    // ---- transfers: one end is pinned memory of the host ----

    Pointer allocatePinned(long bytes) {
        Pointer pinned = new Pointer();
        check(JCudaDriver.cuMemAllocHost(pinned, bytes), "allocating " + bytes + " bytes of pinned host memory");
        return pinned;
    }

    void freePinned(Pointer pinned) {
        JCudaDriver.cuMemFreeHost(pinned);
    }

    void toDevice(long target, Pointer pinned, long bytes, CUstream stream) {
        check(
                JCudaDriver.cuMemcpyHtoDAsync(new CudaPointer(target), pinned, bytes, stream),
                "copying " + bytes + " bytes to the device");
        bytesToDevice += bytes;
    }

    void fromDevice(Pointer pinned, long source, long bytes, CUstream stream) {
        check(
                JCudaDriver.cuMemcpyDtoHAsync(pinned, new CudaPointer(source), bytes, stream),
                "copying " + bytes + " bytes from the device");
        bytesFromDevice += bytes;
    }

    /** Bytes of device memory that are free. */
    long freeMemory() {
        long[] free = new long[1];
        check(JCudaDriver.cuMemGetInfo(free, new long[1]), "asking for free memory");
        return free[0];
    }

    // ---- streams and events ----

    /** Where kernels run. */
    CUstream compute() {
        return compute;
    }

    /** Where values are copied beside them. */
    CUstream copying() {
        return copy;
    }

    /** Lets all that is put into the copying stream from here on wait for the kernels asked for so far. */
    void copyAfterKernels() {
        record(computed, compute);
        order(computed, copy);
    }

    /** Lets all that is put into a stream from here on wait for an event. */
    void order(CUevent first, CUstream then) {
        check(JCudaDriver.cuStreamWaitEvent(then, first, 0), "ordering streams");
    }

    /** The flag of the context serves streams alone: without its own, waiting for an event keeps a processor busy. */
    CUevent event(boolean timing) {
        CUevent event = new CUevent();
        int flags = CUevent_flags.CU_EVENT_BLOCKING_SYNC
                | (timing ? CUevent_flags.CU_EVENT_DEFAULT : CUevent_flags.CU_EVENT_DISABLE_TIMING);
        check(JCudaDriver.cuEventCreate(event, flags), "creating an event");
        return event;
    }

    void record(CUevent event, CUstream stream) {
        check(JCudaDriver.cuEventRecord(event, stream), "recording an event");
    }

    void destroy(CUevent event) {
        JCudaDriver.cuEventDestroy(event);
    }

    /** Milliseconds between two events that lie behind. */
    float elapsed(CUevent begin, CUevent end) {
        float[] milliseconds = new float[1];
        check(JCudaDriver.cuEventElapsedTime(milliseconds, begin, end), "timing");
        return milliseconds[0];
    }

    /** Whether what was put into the stream before the event is still under way; not while something is recorded. */
    boolean isPending(CUevent event) {
        int status = JCudaDriver.cuEventQuery(event);
        if (status == CUresult.CUDA_ERROR_NOT_READY) {
            return true;
        }
        check(status, "asking for an event");
        return false;
    }

    /** Counts a wait that {@link #await} is about to make; through {@link CudaTransfers#await} mostly. */
    void countWait() {
        synchronisations++;
    }

    /**
     * Waits for an event: the only call that may be made outside {@link #call}, right after it in the same thread, by a
     * thread whose turn it is ({@link CudaTransfers#turn}), so that nobody closes the device meanwhile.
     */
    void await(CUevent event) {
        check(JCudaDriver.cuEventSynchronize(event), "waiting for the device");
    }

    /** Waits for both streams. */
    void drain() {
        interrupt("waits for the device");
        synchronisations += 2;
        check(JCudaDriver.cuStreamSynchronize(compute), "waiting for the device");
        check(JCudaDriver.cuStreamSynchronize(copy), "waiting for the device");
    }

    // ---- kernels ----

    CUmodule load(byte[] image, String what) {
        CUmodule module = new CUmodule();
        check(JCudaDriver.cuModuleLoadData(module, image), what);
        return module;
    }

    void unload(CUmodule module) {
        JCudaDriver.cuModuleUnload(module);
    }

    /** A kernel, or null where the module has none of that name. */
    @Nullable
    CUfunction function(CUmodule module, String name) {
        CUfunction function = new CUfunction();
        int status = JCudaDriver.cuModuleGetFunction(function, module, name);
        if (status == CUresult.CUDA_ERROR_NOT_FOUND) {
            return null;
        }
        check(status, "looking up the kernel " + name);
        return function;
    }

    /** Lets a kernel ask for more dynamic shared memory than the 48 KiB that every architecture grants. */
    void allowShared(CUfunction function, String name, int bytes) {
        check(
                JCudaDriver.cuFuncSetAttribute(
                        function, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes),
                "granting " + bytes + " bytes of shared memory to " + name);
    }

    void launch(Launch launch, CUfunction function, int gridX, int gridY, int block, int shared, Pointer arguments) {
        int status =
                JCudaDriver.cuLaunchKernel(function, gridX, gridY, 1, block, 1, 1, shared, compute, arguments, null);
        if (status != CUresult.CUDA_SUCCESS) {
            throw failed(status, "launching " + launch);
        }
        if (recording == null) {
            launches++;
        }
        if (switches.log()) {
            LOG.log(System.Logger.Level.INFO, (recording == null ? "launched " : "recorded ") + launch);
        }
        afterLaunch(launch.kernel());
    }

    /**
     * Refuses a buffer of another device, whose addresses mean nothing here: a kernel that reads one takes the device down
     * with it. A graph that is being recorded must not run once its buffers are gone.
     */
    void use(CudaBuffer buffer) {
        if (!buffer.arena().isOf(this)) {
            throw new IllegalArgumentException("a buffer of another CUDA device was given to " + hardware.deviceName()
                    + ", or of another opening of it");
        }
        if (recording != null) {
            recording.uses(buffer.arena());
        }
    }

    /** After something was put into the compute stream. */
    void afterLaunch(String kernel) {
        lastKernel = kernel;
        Recording into = recording;
        if (into != null) {
            into.countOperation();
        } else if (switches.sync()) {
            synchronisations++;
            check(JCudaDriver.cuStreamSynchronize(compute), "running " + kernel);
        }
    }

    // ---- graphs ----

    /** Begins to record: what is launched from here on is kept, not run. */
    void begin(Recording into) {
        check(
                JCudaDriver.cuStreamBeginCapture(compute, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL),
                "beginning to record");
        recording = into;
    }

    /** What is being recorded, or null. */
    @Nullable
    Recording recording() {
        return recording;
    }

    /** Ends a recording. */
    CUgraphExec end() {
        recording = null;
        CUgraph graph = new CUgraph();
        check(JCudaDriver.cuStreamEndCapture(compute, graph), "recording");
        CUgraphExec executable = new CUgraphExec();
        int status = JCudaDriver.cuGraphInstantiate(executable, graph, 0L);
        JCudaDriver.cuGraphDestroy(graph);
        check(status, "making a graph of what was recorded");
        return executable;
    }

    /** Ends a recording and drops it. */
    void discard() {
        recording = null;
        CUgraph graph = new CUgraph();
        if (JCudaDriver.cuStreamEndCapture(compute, graph) == CUresult.CUDA_SUCCESS) {
            JCudaDriver.cuGraphDestroy(graph);
        }
    }

    void launch(CUgraphExec graph) {
        check(JCudaDriver.cuGraphLaunch(graph, compute), "launching a graph");
        graphLaunches++;
        afterLaunch("a graph");
    }

    /** Frees a graph; one that is running, as soon as it has run. */
    void destroy(CUgraphExec graph) {
        JCudaDriver.cuGraphExecDestroy(graph);
    }

    /**
     * Before work that cannot be recorded: what was recorded so far is run, and all that follows is done directly.
     *
     * @param reason as in "the work reads a buffer"; null where it will not be so the next time
     */
    void interrupt(@Nullable String reason) {
        Recording interrupted = recording;
        if (interrupted != null) {
            interrupted.interrupt(reason);
            CUgraphExec soFar = end();
            try {
                if (interrupted.operations() > 0) {
                    launch(soFar);
                }
            } finally {
                destroy(soFar); // once it has run
            }
        }
    }

    // ---- errors ----

    CudaCounters counters() {
        lock.lock();
        try {
            return new CudaCounters(
                    launches, graphLaunches, allocations, frees, bytesToDevice, bytesFromDevice, synchronisations);
        } finally {
            lock.unlock();
        }
    }

    private void check(int status, String operation) {
        if (status != CUresult.CUDA_SUCCESS) {
            throw failed(status, operation);
        }
    }

    /** The one place where a driver's code becomes an exception. */
    private DeviceException failed(int status, String operation) {
        boolean sticky = CudaErrors.isSticky(status);
        String message = operation + " failed on " + hardware.deviceName() + ": " + CudaErrors.name(status);
        if (sticky) {
            message += "; the last kernel asked for was " + lastKernel
                    + (switches.sync() ? "" : " (SADDLEPOINT_CUDA_SYNC=1 tells which one failed)")
                    + "; the device must be closed and opened again";
        }
        DeviceException exception = new DeviceException(message, sticky);
        if (sticky) {
            failure = exception;
        }
        return exception;
    }

    /**
     * Gives something back, unless the context is gone or of no use: then nothing is left to free. An error here is logged,
     * and told by the next call: who closes things after a failure is to see that failure.
     */
    void release(Runnable work) {
        lock.lock();
        try {
            if (isUsable()) {
                check(JCudaDriver.cuCtxSetCurrent(context), "making a context current");
                work.run();
            }
        } catch (DeviceException e) {
            LOG.log(System.Logger.Level.WARNING, e.getMessage());
        } finally {
            lock.unlock();
        }
    }

    private boolean isUsable() {
        return !closed && failure == null;
    }

    /** An arena that is closed with the device, if its owner does not close it before. */
    void add(CudaArena arena) {
        run(() -> arenas.add(arena));
    }

    void close(CudaArena arena) {
        lock.lock();
        try {
            release(() -> arena.closeAlone(true));
            arena.closeAlone(false);
            arenas.remove(arena);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for calls under way and for the streams, gives back what lives on the device, and ends the context. Closing
     * twice has no effect.
     *
     * @param owned gives back what the device itself has beside its arenas
     */
    void close(Runnable owned) {
        lock.lock();
        try {
            for (CudaArena arena : List.copyOf(arenas)) {
                close(arena);
            }
            release(() -> {
                drain();
                owned.run();
                JCudaDriver.cuEventDestroy(computed);
                JCudaDriver.cuStreamDestroy(copy);
                JCudaDriver.cuStreamDestroy(compute);
            });
            if (!closed) {
                closed = true;
                JCudaDriver.cuCtxDestroy(context);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        close(() -> {});
    }
}
