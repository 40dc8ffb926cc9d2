package org.saddlepoint.device.cuda;

import jcuda.driver.CUresult;
import org.saddlepoint.device.DeviceException;

/** The one place that knows the driver's codes. */
final class CudaErrors {
    private CudaErrors() {}

    /** The driver's name for a code, with the code. */
    static String name(int code) {
        String name = CUresult.stringFor(code);
        return (name.startsWith("CUDA") ? name : "CUDA error") + " (" + code + ")";
    }

    /** After these every further call in the context fails in the same way. */
    static boolean isSticky(int code) {
        return switch (code) {
            case CUresult.CUDA_ERROR_DEINITIALIZED,
                    CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
                    CUresult.CUDA_ERROR_NVLINK_UNCORRECTABLE,
                    CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
                    CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
                    CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED,
                    CUresult.CUDA_ERROR_ASSERT,
                    CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
                    CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
                    CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
                    CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE,
                    CUresult.CUDA_ERROR_INVALID_PC,
                    CUresult.CUDA_ERROR_LAUNCH_FAILED,
                    CUresult.CUDA_ERROR_EXTERNAL_DEVICE,
                    CUresult.CUDA_ERROR_UNKNOWN -> true;
            default -> false;
        };
    }

    /** For calls outside a context. */
    static void check(int code, String operation) {
        if (code != CUresult.CUDA_SUCCESS) {
            throw new DeviceException(operation + " failed: " + name(code), false);
        }
    }
}
