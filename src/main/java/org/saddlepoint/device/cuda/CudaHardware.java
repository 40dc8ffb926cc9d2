package org.saddlepoint.device.cuda;

/**
 * A GPU as the driver describes it.
 *
 * @param ordinal its number, from 0
 * @param name the maker's name
 * @param major of the compute capability
 * @param minor of the compute capability
 * @param memory bytes of device memory
 * @param multiprocessors how many
 * @param sharedBytes the most shared memory that a block may ask for
 * @param driverVersion such as 12060 for CUDA 12.6
 */
record CudaHardware(
        int ordinal,
        String name,
        int major,
        int minor,
        long memory,
        int multiprocessors,
        int sharedBytes,
        int driverVersion) {
    String deviceName() {
        return "cuda:" + ordinal;
    }

    /** Such as sm_90. */
    String architecture() {
        return "sm_" + major + minor;
    }

    /** Whether it is the emulated driver of the tests, which never serves a user silently. */
    boolean emulated() {
        return name.contains("Emulated");
    }

    /**
     * Whether NVIDIA promises that the driver takes kernels of that nvcc: of its own major version or an earlier one. Others
     * may; they are tried where they are asked for by name.
     */
    boolean takesKernelsOf(int compilerMajor) {
        return driverVersion / 1000 >= compilerMajor;
    }

    static String version(int driverVersion) {
        return driverVersion / 1000 + "." + driverVersion % 1000 / 10;
    }
}
