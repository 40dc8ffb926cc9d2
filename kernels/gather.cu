// out[i] = source[indices[i]], rows of d; bytes become k/255, each value the float32 nearest to it.
//
// source: rows of d bytes or float32 values (gather_ints: single int32 values), out n x d; n, d >= 1; indices within the
// source. Exact.
//
// Launch: gather_bytes and gather_floats block 256, grid n; gather_ints block 256, grid ceil(n / 256); no dynamic shared
// memory (static: gather_bytes 1,024 bytes for its table).
//
// Roofline. 5 bytes an element (floats: 8), no arithmetic: at n = 4096, d = 784: 16 MB (26 MB), 4.8 us (7.7 us) on an H100,
// 16 us (26 us) on an RTX 4090; aim 60 %. The table of 256 values is filled once a block, a division a thread, and read from
// shared memory, where lanes with different bytes do not wait for one another as they would on constant memory.
#include "prelude.cuh"

namespace {

DEVICE const unsigned char* row_of(const unsigned char* source, int index, int d) {
    return source + static_cast<size_t>(index) * static_cast<size_t>(d);
}

}  // namespace

KERNEL(256) gather_bytes(int n, int d, const unsigned char* source, const int* indices, float* out) {
    __shared__ float table[256];
    const int thread = static_cast<int>(threadIdx.x);
    table[thread] = __fdiv_rn(static_cast<float>(thread), 255.0f);
    __syncthreads();
    const int i = static_cast<int>(blockIdx.x);
    if (i >= n) return;
    const unsigned char* from = row_of(source, indices[i], d);
    float* to = out + static_cast<size_t>(i) * static_cast<size_t>(d);
    if (d % 4 == 0 && is_aligned16(out) && reinterpret_cast<unsigned long long>(source) % 4 == 0) {
        for (int j = 4 * thread; j < d; j += 4 * 256) {
            const unsigned four = *reinterpret_cast<const unsigned*>(from + j);
            *reinterpret_cast<float4*>(to + j) = make_float4(table[four & 255u], table[four >> 8 & 255u],
                                                             table[four >> 16 & 255u], table[four >> 24]);
        }
        return;
    }
    for (int j = thread; j < d; j += 256) {
        to[j] = table[from[j]];
    }
}
KERNEL_EXPORT(gather_bytes)

KERNEL(256) gather_floats(int n, int d, const float* source, const int* indices, float* out) {
    const int i = static_cast<int>(blockIdx.x);
    if (i >= n) return;
    const float* from = source + static_cast<size_t>(indices[i]) * static_cast<size_t>(d);
    float* to = out + static_cast<size_t>(i) * static_cast<size_t>(d);
    const bool wide = is_wide(source, d) && is_wide(out, d);
    for (int j = 4 * static_cast<int>(threadIdx.x); j < d; j += 4 * 256) {
        store_four(to + j, d - j, wide, load_four(from + j, d - j, wide));
    }
}
KERNEL_EXPORT(gather_floats)

KERNEL(256) gather_ints(int n, const int* source, const int* indices, int* out) {
    const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (i >= n) return;
    out[i] = source[indices[i]];
}
KERNEL_EXPORT(gather_ints)
