// What the driver's own tests launch.
#include "prelude.cuh"

KERNEL(128) driver_add(int n, float addend, const float* x, float* y) {
    const int i = int(blockIdx.x * blockDim.x + threadIdx.x);
    if (i >= n) {
        return;
    }
    y[i] = x[i] + addend;
}
KERNEL_EXPORT(driver_add)

struct Wide {
    float* out;
    double value;
    int index;
};

// A structure by value, and a static shared array that shows in the function's attributes.
KERNEL(32) driver_wide(Wide wide) {
    __shared__ double values[32];
    values[threadIdx.x] = wide.value;
    __syncthreads();
    if (threadIdx.x == 0) {
        wide.out[wide.index] = float(values[31]);
    }
}
KERNEL_EXPORT(driver_wide)

KERNEL(32) driver_dynamic(int words, float* out) {
    DYN_SHARED(float, row);
    row[words - 1] = 1;
    if (threadIdx.x == 0) {
        out[0] = row[words - 1];
    }
}
KERNEL_EXPORT(driver_dynamic)

// Every block waits for all: only a cooperative launch can end.
KERNEL(32) driver_meet(int* arrived, float* out) {
    if (threadIdx.x == 0) {
        atomicAdd(arrived, 1);
        while (atomicAdd(arrived, 0) < int(gridDim.x)) {
            __nanosleep(100);
        }
        out[blockIdx.x] = float(blockIdx.x);
    }
}
KERNEL_EXPORT(driver_meet)

// A failure on the device.
KERNEL(32) driver_trap(float*) {
    __trap();
}
KERNEL_EXPORT(driver_trap)
