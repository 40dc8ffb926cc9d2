// out[0] = sum of x in double: chunks of 32 in order, then the chunks in order; the bits of the CPU device.
//
// x float32 of length >= 0; one block: it sums an epoch's losses, once an epoch.
//
// Launch: block 256; grid 1; no dynamic shared memory (static: 2,048 bytes).
//
// Roofline. 4 bytes and one addition in double an element, but the chunks are added one after another by one thread: at
// length = 60,000 1,875 additions of about 16 cycles, 17 us on an H100 at 1.8 GHz, 30 us on an RTX 4090, where the bytes
// would take 0.1 us. The order limits, by design; no share is claimed.
#include "prelude.cuh"

KERNEL(256) sum(long long length, const float* x, float* out) {
    __shared__ double chunks[256];
    double total = 0.0;
    for (long long first = 0; first < length; first += 32 * 256) {
        const long long begin = first + 32 * static_cast<long long>(threadIdx.x);
        const long long end = length < begin + 32 ? length : begin + 32;
        double chunk = 0.0;
        for (long long j = begin; j < end; ++j) {
            chunk += static_cast<double>(x[j]);
        }
        chunks[threadIdx.x] = chunk;
        __syncthreads();
        if (threadIdx.x == 0) {
            const long long left = (length - first + 31) / 32;
            for (int c = 0; c < (left < 256 ? static_cast<int>(left) : 256); ++c) {
                total += chunks[c];
            }
        }
        __syncthreads();
    }
    if (threadIdx.x == 0) {
        *out = static_cast<float>(total);
    }
}
KERNEL_EXPORT(sum)
