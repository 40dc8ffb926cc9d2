package org.saddlepoint.device.cuda;

import jcuda.driver.CUdeviceptr;

/** An address in device memory, in the form that JCuda takes. */
final class CudaPointer extends CUdeviceptr {
    CudaPointer(long address) {
        super(new CUdeviceptr(), address);
    }

    long address() {
        return getNativePointer() + getByteOffset();
    }
}
