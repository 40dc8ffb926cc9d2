// Kernels with one fault each, for the self-test of the emulator: `fault` 0 is the correct kernel, 1 the planted bug.
#include "prelude.cuh"

// Stores one element behind the array where n is not a multiple of the block. Bug: the guard is off by one.
KERNEL(64) planted_store(int n, int fault, float* out) {
    const int i = int(blockIdx.x * blockDim.x + threadIdx.x);
    if (i >= n + fault) {
        return;
    }
    out[i] = float(i);
}
KERNEL_EXPORT(planted_store)

// The same in a static shared array.
KERNEL(64) planted_shared_store(int n, int fault, float* out) {
    __shared__ float row[64];
    const int i = int(threadIdx.x);
    row[i + fault] = float(i);
    __syncthreads();
    if (i < n) {
        out[i] = row[i];
    }
}
KERNEL_EXPORT(planted_shared_store)

// And in dynamic shared memory, of n floats.
KERNEL(64) planted_dynamic_store(int n, int fault, float* out) {
    DYN_SHARED(float, row);
    const int i = int(threadIdx.x);
    if (i < n + fault) {
        row[i] = float(i);
    }
    __syncthreads();
    if (i < n) {
        out[i] = row[i];
    }
}
KERNEL_EXPORT(planted_dynamic_store)

// Reverses a block's elements. Bug: no barrier between store and load.
KERNEL(64) planted_race(int n, int fault, float* out) {
    __shared__ float row[64];
    const int i = int(threadIdx.x);
    row[i] = float(i);
    if (!fault) {
        __syncthreads();
    }
    if (i < n) {
        out[i] = row[63 - i];
    }
}
KERNEL_EXPORT(planted_race)

// Copies through shared memory. Bug: no wait for the copies.
KERNEL(64) planted_wait(int n, int fault, const float* x, float* out) {
    DYN_SHARED(float, row);
    const int i = int(threadIdx.x);
    if (i < n) {
        cp_async<4>(row + i, x + i);
    }
    cp_async_commit();
    if (!fault) {
        cp_async_wait<0>();
    }
    __syncthreads();
    if (i < n) {
        out[i] = row[n - 1 - i];
    }
}
KERNEL_EXPORT(planted_wait)

// Bug: only the first n threads come to the barrier.
KERNEL(64) planted_barrier(int n, int fault, float* out) {
    const int i = int(threadIdx.x);
    if (i < n || !fault) {
        __syncthreads();
    }
    if (i < n) {
        out[i] = float(i);
    }
}
KERNEL_EXPORT(planted_barrier)

// Bug: the two halves of the block meet at different barriers.
KERNEL(64) planted_two_barriers(int n, int fault, float* out) {
    const int i = int(threadIdx.x);
    if (fault && i < 32) {
        __syncthreads();
    } else {
        __syncthreads();
    }
    if (i < n) {
        out[i] = float(i);
    }
}
KERNEL_EXPORT(planted_two_barriers)

// Bug: half a warp takes part in a shuffle of the whole.
KERNEL(64) planted_shuffle(int n, int fault, float* out) {
    const int i = int(threadIdx.x);
    float value = float(i);
    if (!fault || i % 32 < 16) {
        value = __shfl_xor_sync(0xffffffffu, value, 1);
    }
    __syncwarp(fault && i % 32 < 16 ? 0xffffu : 0xffffffffu);
    if (i < n) {
        out[i] = value;
    }
}
KERNEL_EXPORT(planted_shuffle)
