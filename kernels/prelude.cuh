// The one include of every kernel: the same .cu files are compiled by nvcc for the GPU and by the host compiler for the
// emulated driver (native/emulator). Only what the two spell differently stands here, and the helpers under prelude/.
//
// Arithmetic: nvcc runs with -fmad=false and the host compiler with -ffp-contract=off, so a product and a sum are fused
// exactly where the code says fmaf.
#pragma once

#include <cstdint>

#if defined(__CUDACC__)

#include <cuda_bf16.h>

// An entry point of at most max_threads threads a block, unmangled; KERNEL_EXPORT(name) follows it (it registers the
// kernel with the emulated driver, and is nothing on the GPU).
#define KERNEL(max_threads) extern "C" __global__ void __launch_bounds__(max_threads)
#define KERNEL_EXPORT(name)
#define DEVICE __device__ __forceinline__
// A device function that stays one: long code that several kernels of a file share.
#define DEVICE_APART __device__ __noinline__
// This block's dynamic shared memory.
#define DYN_SHARED(type, name)                                            \
    extern __shared__ __align__(16) unsigned char dynamic_shared_bytes[]; \
    type* name = reinterpret_cast<type*>(dynamic_shared_bytes)

// ---- operands of tensor-core products ----

// The bits of x rounded to tf32 (10 bits of fraction), ties away from zero.
DEVICE uint32_t to_tf32(float x) {
    uint32_t bits;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
    return bits;
}

// Two values rounded to bfloat16, ties to even: low in the low half.
DEVICE uint32_t pack_bf16(float low, float high) {
    uint32_t bits;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(high), "f"(low));
    return bits;
}

// d += a b, a 16 x 8 (row), b 8 x 8 (column), all threads of a warp together. With g = lane / 4 and t = lane % 4:
// a = {A[g][t], A[g+8][t], A[g][t+4], A[g+8][t+4]}, b = {B[t][g], B[t+4][g]},
// d = {D[g][2t], D[g][2t+1], D[g+8][2t], D[g+8][2t+1]}  (PTX ISA, mma.m16n8k8).
DEVICE void mma_m16n8k8_tf32(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
    asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// d += a b, a 16 x 16, b 16 x 8; a word holds two neighbours along the inner dimension, the first in the low half:
// a = {A[g][2t..], A[g+8][2t..], A[g][2t+8..], A[g+8][2t+8..]}, b = {B[2t..][g], B[2t+8..][g]}, d as above
// (PTX ISA, mma.m16n8k16).
DEVICE void mma_m16n8k16_bf16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
    asm volatile(
            "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};"
            : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
            : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// ---- copies from global to shared memory that go on while the thread computes ----

// `bytes` is 4, 8 or 16; both addresses are aligned to it.
template <int bytes>
DEVICE void cp_async(void* shared, const void* global) {
    const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(shared));
    if constexpr (bytes == 16) {
        asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(address), "l"(global) : "memory");
    } else {
        asm volatile("cp.async.ca.shared.global [%0], [%1], %2;" ::"r"(address), "l"(global), "n"(bytes) : "memory");
    }
}
// Closes the group of this thread's copies so far.
DEVICE void cp_async_commit() {
    asm volatile("cp.async.commit_group;" ::: "memory");
}
// Waits until at most `pending` of this thread's youngest groups are under way; other threads' need __syncthreads too.
template <int pending>
DEVICE void cp_async_wait() {
    asm volatile("cp.async.wait_group %0;" ::"n"(pending) : "memory");
}

#else

#include "cuda_emulation.h"

#define DEVICE_APART __attribute__((noinline))

#endif

#include "prelude/elementary.cuh"
#include "prelude/four.cuh"
#include "prelude/philox.cuh"
#include "prelude/linf.cuh"
#include "prelude/reduce.cuh"
#include "prelude/statistics.cuh"
#include "prelude/project.cuh"
#include "prelude/step.cuh"
#include "prelude/start.cuh"
#include "prelude/loss.cuh"
#include "prelude/gemm.cuh"
#include "prelude/recurrent.cuh"
#include "prelude/convolution.cuh"
#include "prelude/pooling.cuh"
