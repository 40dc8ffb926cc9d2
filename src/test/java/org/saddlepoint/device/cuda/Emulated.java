package org.saddlepoint.device.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import org.junit.jupiter.api.Assumptions;
import org.saddlepoint.device.Device;
import org.saddlepoint.device.DeviceOptions;

/** The emulated driver under the CUDA device: its switches, and counters of its own. */
final class Emulated {
    private Emulated() {}

    /** Aborts the test where the library path has no emulated driver. */
    static CudaHardware hardware() {
        CudaPlatform here = CudaPlatform.here();
        Assumptions.assumeTrue(
                !here.devices().isEmpty() && here.devices().getFirst().emulated(),
                "these tests need the emulated CUDA driver, as native/emulator/run sets it up: "
                        + (here.absence() == null ? "this one is real" : here.absence()));
        return here.devices().getFirst();
    }

    static CudaDevice open() {
        return open(new CudaSwitches(false, false, false));
    }

    static CudaDevice open(CudaSwitches switches) {
        return new CudaDevice(hardware(), DeviceOptions.DEFAULT, switches);
    }

    /** What the driver itself counted since it was loaded, in the form of ours. */
    static CudaCounters counters() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_LONG, 8);
            Functions.COUNTERS.invokeExact(out);
            long[] all = out.toArray(JAVA_LONG); // [2]: kernels executed, those of graphs too
            return new CudaCounters(all[0], all[1], all[3], all[4], all[5], all[6], all[7]);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Pieces of device memory that are allocated. */
    static long liveAllocations() {
        try {
            return (long) Functions.LIVE.invokeExact();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Pieces that were still allocated when their context was destroyed. */
    static long leakedAllocations() {
        try {
            return (long) Functions.LEAKED.invokeExact();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Does something while one of the EMU_ switches is set. */
    static void with(String name, Object value, Runnable work) {
        put(name, String.valueOf(value));
        try {
            work.run();
        } finally {
            put(name, "");
        }
    }

    private static void put(String name, String value) {
        try (Arena arena = Arena.ofConfined()) {
            int known = (int) Functions.SET.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value));
            if (known == 0) {
                throw new AssertionError("the emulated driver has no switch " + name);
            }
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Looked up once there is a driver. */
    private static final class Functions {
        private static final SymbolLookup DRIVER = SymbolLookup.libraryLookup("libcuda.so.1", Arena.global());
        static final MethodHandle SET = bind("emu_set", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
        static final MethodHandle COUNTERS = bind("emu_counters", FunctionDescriptor.ofVoid(ADDRESS));
        static final MethodHandle LIVE = bind("emu_live_allocations", FunctionDescriptor.of(JAVA_LONG));
        static final MethodHandle LEAKED = bind("emu_leaked_allocations", FunctionDescriptor.of(JAVA_LONG));

        private static MethodHandle bind(String name, FunctionDescriptor type) {
            return Linker.nativeLinker().downcallHandle(DRIVER.findOrThrow(name), type);
        }
    }

    /** A device as other packages open it. */
    static Device byName() {
        hardware();
        return Device.open("cuda", DeviceOptions.DEFAULT);
    }
}
