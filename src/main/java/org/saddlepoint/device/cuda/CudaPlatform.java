package org.saddlepoint.device.cuda;

import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUdevice;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;
import org.saddlepoint.device.DeviceException;

/**
 * What this machine has: asked for once, before any context.
 *
 * @param devices its GPUs, but those that no kernel is built for
 * @param absence why there are none; null where there are
 */
record CudaPlatform(List<CudaHardware> devices, @Nullable String absence) {
    /** What JCuda 12.6 links to. */
    private static final int NEEDED_VERSION = 12060;
    /** The oldest compute capability that kernels are built for: 8.0. */
    private static final int NEEDED_MAJOR = 8;

    static CudaPlatform here() {
        return Holder.HERE;
    }

    /** Asked for when it is first needed: a command that names the CPU loads nothing of CUDA. */
    private static final class Holder {
        static final CudaPlatform HERE = findWithJcuda();
    }

    private static CudaPlatform findWithJcuda() {
        try {
            return find();
        } catch (NoClassDefFoundError e) {
            return without("JCuda is not on the class path (" + e.getMessage() + ")");
        }
    }

    private static CudaPlatform find() {
        if (!KernelModule.isInBuild()) {
            return without("this build has no CUDA kernels: nvcc was not there when it was built");
        }
        String missing = CudaNatives.load("JCudaDriver", "jcuda.driver.JCudaDriver");
        if (missing != null) {
            return without(missing);
        }
        JCudaDriver.setExceptionsEnabled(false);
        int[] version = new int[1];
        int status = JCudaDriver.cuDriverGetVersion(version);
        if (status == CUresult.CUDA_SUCCESS && version[0] < NEEDED_VERSION) {
            return without("the NVIDIA driver is too old: it serves CUDA " + CudaHardware.version(version[0]) + ", and "
                    + CudaHardware.version(NEEDED_VERSION) + " or newer is needed");
        }
        status = status == CUresult.CUDA_SUCCESS ? JCudaDriver.cuInit(0) : status;
        if (status != CUresult.CUDA_SUCCESS && status != CUresult.CUDA_ERROR_NO_DEVICE) {
            return without("the NVIDIA driver does not start: " + CudaErrors.name(status));
        }
        int[] count = new int[1];
        if (status == CUresult.CUDA_SUCCESS) {
            status = JCudaDriver.cuDeviceGetCount(count);
        }
        if (status != CUresult.CUDA_SUCCESS || count[0] == 0) {
            return without("the NVIDIA driver finds no GPU");
        }
        List<CudaHardware> devices = new ArrayList<>();
        List<String> unusable = new ArrayList<>();
        for (int i = 0; i < count[0]; i++) {
            try {
                CudaHardware hardware = describe(i, version[0]);
                if (hardware.major() >= NEEDED_MAJOR) {
                    devices.add(hardware);
                } else {
                    unusable.add(hardware.name() + " has compute capability " + hardware.major() + "."
                            + hardware.minor() + ", and " + NEEDED_MAJOR + ".0 or newer is needed");
                }
            } catch (DeviceException e) {
                unusable.add(e.getMessage());
            }
        }
        return devices.isEmpty() ? without(String.join("; ", unusable)) : new CudaPlatform(List.copyOf(devices), null);
    }

    private static CudaPlatform without(String reason) {
        return new CudaPlatform(List.of(), "no CUDA device: " + reason);
    }

    private static CudaHardware describe(int ordinal, int driverVersion) {
        CUdevice device = new CUdevice();
        CudaErrors.check(JCudaDriver.cuDeviceGet(device, ordinal), "asking for GPU " + ordinal);
        byte[] name = new byte[256];
        CudaErrors.check(JCudaDriver.cuDeviceGetName(name, name.length, device), "asking for the name of a GPU");
        long[] memory = new long[1];
        CudaErrors.check(JCudaDriver.cuDeviceTotalMem(memory, device), "asking for the memory of a GPU");
        return new CudaHardware(
                ordinal,
                new String(name, StandardCharsets.UTF_8).split("\0", 2)[0].strip(),
                attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device),
                attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device),
                memory[0],
                attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, device),
                attribute(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, device),
                driverVersion);
    }

    private static int attribute(int which, CUdevice device) {
        int[] value = new int[1];
        CudaErrors.check(JCudaDriver.cuDeviceGetAttribute(value, which, device), "asking for attribute " + which);
        return value[0];
    }
}
