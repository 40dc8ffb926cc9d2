package org.saddlepoint.device.cuda;

/**
 * The debug switches; the package documentation says what each does. A switch is an environment variable, or a system
 * property of that name; any value but the empty one and 0 turns it on.
 *
 * @param sync wait for each launch, so that an error is told where it arose
 * @param poison NaN around fresh memory, and in memory that is given back
 * @param log each launch to the system logger
 */
record CudaSwitches(boolean sync, boolean poison, boolean log) {
    static CudaSwitches chosen() {
        return new CudaSwitches(
                isOn("SADDLEPOINT_CUDA_SYNC"), isOn("SADDLEPOINT_CUDA_POISON"), isOn("SADDLEPOINT_CUDA_LOG"));
    }

    private static boolean isOn(String name) {
        String value = System.getProperty(name, System.getenv().getOrDefault(name, ""));
        return !value.isEmpty() && !value.equals("0");
    }
}
