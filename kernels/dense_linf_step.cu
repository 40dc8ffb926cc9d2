// The L-inf attack step as the epilogue of the first layer's input gradient g = dy W: g never reaches global memory; sign,
// step, projection and box happen on it, in place on x. Same bits as dense_input_gradient, then linf_step.
//
// dy n x out, W out x in, origin and x n x in, row-major float32, at any 4-byte aligned address; beaten n or null: rows with
// beaten[i] >= 0 are left alone; zero_gradients n or null: incremented where all of an active row's g is zero.
// scratch: n + ceil(n / 32) ints, zero before the first launch, left zero by each; read only with zero_gradients. A row's
// columns are spread over blocks, so each block marks the rows that it saw moving, takes an integer ticket for its rows, and
// the block with the last ticket counts the rows left unmarked. Launches that share scratch follow one another in a stream.
// Bits repeat whatever n is.
//
// Launch: block 128; grid (ceil(n / R), ceil(in / C)), R x C = 32 x 16 for in <= 16, 32 x 32 for in <= 256, else 64 x 64; no
// dynamic shared memory (static: 30,980 bytes, bf16 37,124).
//
// Roofline. FLOPs 2 n in out (+ about 20 an element for the step). Least bytes 4 (n out + in out + 3 n in); as written, from
// L2: 4 out (n ceil(in / C) + in ceil(n / R)) + 12 n in. At n = 4096, 784 <- 128: 0.82 GFLOP + 64 MFLOP of steps, least 41 MB
// (20 FLOP/byte). float32: H100 bytes (12.2 us) and FLOPs (13.2 us) at once, aim 50 %; 4090 bytes, 41 us (less where its L2
// of 72 MB holds x and origin), aim 70 %. tf32, bf16: bytes, 12.2 us and 41 us, aim 70 %. A separate gradient would add 8 n in
// bytes (26 MB) and a launch.
#include "prelude.cuh"

namespace {

// After every thread of the block has entered its rows into moved[]: counts, in the last block of these rows.
DEVICE void count_zero_gradients(int n, int rows, const int* moved, const int* beaten, int* zero_gradients,
                                 int* scratch) {
    __shared__ int is_last;
    const int thread = static_cast<int>(threadIdx.x);
    const int row = static_cast<int>(blockIdx.x) * rows + thread;
    const bool mine = thread < rows && row < n;
    int* ticket = scratch + n + blockIdx.x;
    __syncthreads();
    if (mine && moved[thread] != 0) {
        atomicOr(scratch + row, 1);
    }
    __threadfence();
    __syncthreads();
    if (thread == 0) {
        is_last = atomicAdd(ticket, 1) == static_cast<int>(gridDim.y) - 1 ? 1 : 0;
    }
    __syncthreads();
    if (is_last == 0) return;
    __threadfence();
    if (mine) {
        const int any = atomicExch(scratch + row, 0);
        const bool active = beaten == nullptr || beaten[row] < 0;
        zero_gradients[row] += active && any == 0 ? 1 : 0;
    }
    if (thread == 0) {
        atomicExch(ticket, 0);
    }
}

template <Precision precision>
DEVICE void linf_step_of(int n, int in, int out, const float* dy, const float* w, const float* origin, float step_size,
                         float epsilon, const int* beaten, int* zero_gradients, int* scratch, float* x, float* shared) {
    __shared__ int moved[WideTile::kRows];
    const int rows = tile_rows(in);
    const bool wide = is_wide(x, in) && is_wide(origin, in);
    if (static_cast<int>(threadIdx.x) < rows) {
        moved[threadIdx.x] = 0;
    }
    product<precision, Layout::kDepthInner, Layout::kDepthOuter>(
            in, Operand{dy, n, out}, Operand{w, in, in}, out, shared, [](const float*, auto) {},
            [&](int row, int column, bool inside, float4 sums) {
                if (!inside || (beaten != nullptr && beaten[row] >= 0)) return;
                const int count = in - column;
                const size_t at = static_cast<size_t>(row) * static_cast<size_t>(in) + static_cast<size_t>(column);
                const Four g = {{sums.x, sums.y, sums.z, sums.w}};
                const Four from = load_four(origin + at, count, wide);
                Four v = load_four(x + at, count, wide);
                bool any = false;
#pragma unroll
                for (int i = 0; i < 4; ++i) {
                    any |= i < count && g.v[i] != 0.0f;
                    v.v[i] = linf_stepped(v.v[i], g.v[i], from.v[i], step_size, epsilon);
                }
                store_four(x + at, count, wide, v);
                if (any && zero_gradients != nullptr) {
                    atomicOr(moved + (row - static_cast<int>(blockIdx.x) * rows), 1);
                }
            });
    if (zero_gradients != nullptr) {
        count_zero_gradients(n, rows, moved, beaten, zero_gradients, scratch);
    }
}

}  // namespace

#define DENSE_LINF_STEP(name, precision)                                                                             \
    KERNEL(GEMM_BLOCK) name(int n, int in, int out, const float* dy, const float* w, const float* origin,          \
                              float step_size, float epsilon, const int* beaten, int* zero_gradients, int* scratch,  \
                              float* x) {                                                                            \
        alignas(16) __shared__ float shared[kGemmShared<precision>];                                               \
        linf_step_of<precision>(n, in, out, dy, w, origin, step_size, epsilon, beaten, zero_gradients, scratch, x,   \
                                shared);                                                                             \
    }                                                                                                                \
    KERNEL_EXPORT(name)

DENSE_LINF_STEP(dense_linf_step, Precision::kFloat32)
DENSE_LINF_STEP(dense_linf_step_tf32, Precision::kTf32)
DENSE_LINF_STEP(dense_linf_step_bf16, Precision::kBf16)
