// The L-inf attack step as the epilogue of the first layer's input gradient g: g never reaches global memory; sign, step,
// projection and box happen on it, in place on x. Same bits as convolution_input_gradient, then linf_step.
//
// dy n outputs, channels last; w as in convolution_input_gradient.cu; origin and x n inputs, channels last or first, float32
// at any 4-byte aligned address; beaten n or null: examples with beaten[i] >= 0 are left alone; zero_gradients n or null:
// incremented where all of an active example's g is zero. n and all sizes >= 1, n * height * width < 2^31.
// scratch: n + 1 ints, zero before the first launch, left zero by each; read only with zero_gradients. An example's positions
// are spread over blocks, so each block marks the examples that it saw moving and takes an integer ticket, and the block with
// the last ticket counts the examples left unmarked. Launches that share scratch follow one another in a stream.
// Bits repeat whatever n is.
//
// Launch: as convolution_input_gradient (static: 32,272 bytes, bf16 38,416).
//
// Roofline: as convolution_input_gradient, with 12 n input bytes for origin and x and about 20 FLOPs an element for the step.
// A separate gradient would add 8 n input bytes and a launch.
#include "prelude.cuh"

namespace {

// After every thread of the block has entered its positions into moved[]: counts, in the last block of all.
DEVICE void count_zero_gradients(int n, const int* moved, const int* example, const int* beaten, int* zero_gradients,
                                 int* scratch) {
    __shared__ int is_last;
    const int thread = static_cast<int>(threadIdx.x);
    __syncthreads();
    if (thread < kMostRows && moved[thread] != 0 &&
        (thread == 0 || moved[thread - 1] == 0 || example[thread] != example[thread - 1])) {
        atomicOr(scratch + example[thread], 1);
    }
    __threadfence();
    __syncthreads();
    if (thread == 0) {
        is_last = atomicAdd(scratch + n, 1) == static_cast<int>(gridDim.x) - 1 ? 1 : 0;
    }
    __syncthreads();
    if (is_last == 0) return;
    __threadfence();
    for (int i = thread; i < n; i += kGemmThreads) {
        const int any = atomicExch(scratch + i, 0);
        const bool active = beaten == nullptr || beaten[i] < 0;
        zero_gradients[i] += active && any == 0 ? 1 : 0;
    }
    if (thread == 0) {
        atomicExch(scratch + n, 0);
    }
}

template <Precision precision>
DEVICE void linf_step_of(int n, const ConvolutionShape& s, const float* dy, const float* w, const float* origin,
                         float step_size, float epsilon, const int* beaten, int* zero_gradients, int* scratch, float* x,
                         float* shared, PatchRow* rows, int* moved, int* examples) {
    if (static_cast<int>(threadIdx.x) < kMostRows) {
        moved[threadIdx.x] = 0;
    }
    input_gradient_product<precision>(
            n, s, dy, w, shared, rows, [&](int row, int example, size_t at, int count, int stride, Four g) {
                if (beaten != nullptr && beaten[example] >= 0) return;
                const Four from = load_run(origin + at, count, stride);
                Four v = load_run(x + at, count, stride);
                bool any = false;
#pragma unroll
                for (int i = 0; i < 4; ++i) {
                    any |= i < count && g.v[i] != 0.0f;
                    v.v[i] = linf_stepped(v.v[i], g.v[i], from.v[i], step_size, epsilon);
                }
                store_run(x + at, count, stride, v);
                if (any && zero_gradients != nullptr) {
                    atomicExch(examples + row, example);
                    atomicOr(moved + row, 1);
                }
            });
    if (zero_gradients != nullptr) {
        count_zero_gradients(n, moved, examples, beaten, zero_gradients, scratch);
    }
}

}  // namespace

#define CONVOLUTION_LINF_STEP(name, precision)                                                                          \
    KERNEL(GEMM_BLOCK) name(int n, CONVOLUTION_PARAMETERS, const float* dy, const float* w, const float* origin,        \
                            float step_size, float epsilon, const int* beaten, int* zero_gradients, int* scratch,       \
                            float* x) {                                                                                 \
        alignas(16) __shared__ float shared[kGemmShared<precision>];                                                    \
        __shared__ PatchRow rows[kMostRows];                                                                            \
        __shared__ int moved[kMostRows];                                                                                \
        __shared__ int examples[kMostRows];                                                                             \
        linf_step_of<precision>(n, CONVOLUTION_ARGUMENTS, dy, w, origin, step_size, epsilon, beaten, zero_gradients,    \
                                scratch, x, shared, rows, moved, examples);                                             \
    }                                                                                                                   \
    KERNEL_EXPORT(name)

CONVOLUTION_LINF_STEP(convolution_linf_step, Precision::kFloat32)
CONVOLUTION_LINF_STEP(convolution_linf_step_tf32, Precision::kTf32)
CONVOLUTION_LINF_STEP(convolution_linf_step_bf16, Precision::kBf16)
