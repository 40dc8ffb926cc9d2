package org.saddlepoint.device.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import jcuda.driver.CUmodule;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.DeviceException;

/** The kernels that travel in the jar, loaded into a context. */
final class KernelModule {
    private static final String RESOURCE = "kernels.fatbin";
    private static final int MAGIC = 0xBA55ED50;
    private static final String COMPILER = "kernels.nvcc";

    private final CudaDriver driver;
    private final CUmodule module;
    private final Launch launch;
    private final Map<String, Kernel> kernels = new HashMap<>();

    KernelModule(CudaDriver driver, byte[] image) {
        this.driver = driver;
        this.module = driver.call(() -> load(driver, image));
        this.launch = new Launch(driver);
    }

    private static CUmodule load(CudaDriver driver, byte[] image) {
        try {
            requireWhole(image);
            return driver.load(image, "loading the kernels");
        } catch (DeviceException e) {
            throw new DeviceException(
                    "the kernels cannot be loaded for " + driver.hardware().architecture() + " (inside are "
                            + String.join(", ", architectures(image)) + "): " + e.getMessage()
                            + tooOld(driver.hardware()),
                    e.mustReopen());
        }
    }

    private static String tooOld(CudaHardware hardware) {
        return hardware.takesKernelsOf(compiler())
                ? ""
                : "; nvcc " + compiler() + " built them, and the driver serves CUDA "
                        + CudaHardware.version(hardware.driverVersion()) + ": a newer one is needed";
    }

    /** Whether there is a fat binary: it is tens of megabytes to read. */
    static boolean isInBuild() {
        return KernelModule.class.getResource(RESOURCE) != null;
    }

    /** The driver is given no length, and reads as far as the headers say: beyond the end of what was cut off. */
    private static void requireWhole(byte[] image) {
        ByteBuffer bytes = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        boolean whole = image.length >= 16;
        if (whole && bytes.getInt(0) == MAGIC) {
            long at = Short.toUnsignedLong(bytes.getShort(6));
            long end = at + bytes.getLong(8);
            whole = at >= 16 && end > at && end <= image.length;
            while (whole && at < end) {
                long step = end - at < 32 ? 0 : entryBytes(bytes, (int) at);
                whole = step > 0 && step <= end - at;
                at += step;
            }
        }
        if (!whole) {
            throw new DeviceException("the file is damaged: it ends before its headers say", false);
        }
    }

    /** Header and contents of an entry; not positive where it is damaged. */
    private static long entryBytes(ByteBuffer bytes, int entry) {
        long contents = bytes.getLong(entry + 8);
        return contents < 0 ? 0 : Integer.toUnsignedLong(bytes.getInt(entry + 4)) + contents;
    }

    /** The major version of the nvcc that built them, or 0 where that is not known. */
    static int compiler() {
        try (InputStream in = KernelModule.class.getResourceAsStream(COMPILER)) {
            return in == null ? 0 : compiler(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + COMPILER + " from the class path", e);
        }
    }

    /** 13 of "13.0". */
    static int compiler(String version) {
        String major = version.strip().split("\\.", 2)[0];
        return major.matches("[0-9]{1,4}") ? Integer.parseInt(major) : 0;
    }

    /** The fat binary, or null where the build left it out. */
    static byte @Nullable [] image() {
        try (InputStream in = KernelModule.class.getResourceAsStream(RESOURCE)) {
            return in == null ? null : in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + RESOURCE + " from the class path", e);
        }
    }

    /**
     * A kernel by its entry name. Looked up when the device is opened, so that no recorded step is the first to use one.
     */
    Kernel kernel(String name) {
        return kernels.computeIfAbsent(
                name, key -> driver.call(() -> new Kernel(driver, launch, key, driver.function(module, key))));
    }

    /** Inside {@link CudaDriver#close(Runnable)}. */
    void release() {
        driver.unload(module);
    }

    /**
     * What a fat binary was compiled for: after a header of 16 bytes (magic, version, size of the header, bytes that follow)
     * stand entries, each with kind (1: PTX), size of its header, bytes that follow, and at 28 the architecture.
     */
    static Set<String> architectures(byte[] image) {
        Set<String> found = new LinkedHashSet<>();
        ByteBuffer bytes = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        if (image.length < 16 || bytes.getInt(0) != MAGIC) {
            found.add("no kernels: the file is damaged");
            return found;
        }
        long at = bytes.getShort(6);
        while (at >= 0 && at + 32 <= image.length) {
            int entry = (int) at;
            found.add((bytes.getShort(entry) == 1 ? "PTX of compute_" : "sm_") + bytes.getInt(entry + 28));
            long step = entryBytes(bytes, entry);
            at = step > 0 ? at + step : image.length;
        }
        return found;
    }
}
