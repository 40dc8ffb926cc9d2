// The kernels' interface: one argument record and one function an operation, working on the units [begin, end) of it.
// What a unit is stands beside each record; a kernel's results never depend on how units are cut into ranges.
#pragma once

#include <cstdint>

#include "ascent.h"
#include "boundary.h"
#include "divergence.h"
#include "hop.h"
#include "momentum.h"
#include "normalization.h"
#include "probe.h"
#include "saddlepoint.h"
#include "sequence.h"

namespace sp {

constexpr int64_t kPanel = 32;   // columns of a packed weight panel, and of a weight gradient's unit
constexpr int64_t kBlock = 1024; // elements of an elementwise unit

struct DensePrepare {  // unit: a panel
    int64_t in, out;
    const float* w;
    float* prepared;
};
// x, dy: where these are given as bfloat16 rows, with weights packed to match, products are of bfloat16 operands.
struct DenseForward {  // unit: a row, or a panel where rows are too few to share
    int64_t n, in, out;
    const float *x, *prepared, *b;
    int32_t activation;
    float slope;
    float* y;
    bool by_panel;
    const uint16_t *x16 = nullptr, *w16 = nullptr;
};
struct DenseInputGradient {  // unit: a row, or a panel
    int64_t n, in, out;
    const float *dy, *w, *y_before;
    int32_t activation;
    float slope;
    float* dx;
    bool by_panel;
    const uint16_t *dy16 = nullptr, *w16 = nullptr;
};
struct DenseWeightGradient {  // unit: a panel of columns of dw
    int64_t n, in, out;
    const float *x, *dy;
    float *dw, *db;
};
struct DenseLinfStep {  // unit: a row
    int64_t n, in, out;
    const float *dy, *w, *origin;
    float step_size, epsilon;
    const int32_t* beaten;
    int32_t* zero_gradients;
    float* x;
    const uint16_t *dy16 = nullptr, *w16 = nullptr;
};
// The same with operands rounded to bfloat16 on the way; units as above. dense.w16 may be NULL: then the weights are
// rounded too. status is set where a thread has no memory for that.
struct DenseForwardBf16 {
    DenseForward dense;
    const float* w;
    int32_t* status;
};
struct DenseInputGradientBf16 {
    DenseInputGradient dense;
    int32_t* status;
};
struct DenseWeightGradientBf16 {
    DenseWeightGradient dense;
    int32_t* status;
};
struct DenseLinfStepBf16 {
    DenseLinfStep dense;
    int32_t* status;
};
struct ActivationForward {  // unit: a block
    int64_t length;
    const float* x;
    int32_t activation;
    float slope;
    float* y;
};
struct ActivationGradient {  // unit: a block
    int64_t length;
    const float *y, *dy;
    int32_t activation;
    float slope;
    float* dx;
};
struct ScaleShift {  // unit: a row
    int64_t channels, size;
    const float *x, *scale, *shift;
    float* y;
};
struct LossFromLogits {  // unit: a row
    int64_t c;
    const float* z;
    const int32_t* labels;
    float factor;
    int32_t rescaled;
    float *loss, *gradient;
};
struct ArgMax {  // unit: a row
    int64_t c;
    const float* z;
    int32_t* out;
};
struct Step {  // unit: a row
    int64_t d;
    const float *gradient, *origin;
    float step_size, epsilon;
    int64_t top;
    const int32_t* beaten;
    int32_t* zero_gradients;
    float* x;
};
struct RandomStart {  // unit: a row
    int32_t norm, start;
    int64_t d;
    const float* origin;
    const int32_t* indices;
    float epsilon;
    uint64_t seed;
    uint32_t stream, restart;
    float* x;
};
struct RandomWords {  // unit: a row
    int64_t d;
    const int32_t* indices;
    uint64_t seed;
    uint32_t stream, restart;
    uint32_t* words;
};
struct KeepIterate {  // unit: a row
    int64_t d, c;
    const float *x, *z;
    const int32_t* labels;
    const float* loss;
    int32_t targeted, step;
    float *best_x, *best_objective;
    int32_t* beaten;
};
// Of the Square attack: images of channels x height x width, windows of rows x columns; bumps: NULL for L-inf.
struct SquareShape {
    int64_t channels, height, width, rows, columns;
    const float* bumps;

    int64_t size() const { return channels * height * width; }
};
struct SquareStart {  // unit: a row
    int32_t norm;
    SquareShape shape;
    float amplitude;
    const float* origin;
    const int32_t* indices;
    float epsilon;
    uint64_t seed;
    uint32_t stream, restart;
    float* x;
};
struct SquareProposal {  // unit: a row
    int32_t norm;
    SquareShape shape;
    const float *origin, *point;
    const int32_t* indices;
    float epsilon;
    uint64_t seed;
    uint32_t stream, query;
    const int32_t* beaten;
    float* x;
};
struct SgdFactors {
    float learning_rate, momentum, weight_decay;
    bool nesterov;
    bool first;  // there is no velocity yet
};
struct Sgd {  // unit: a block
    int64_t length;
    const float* gradient;
    SgdFactors factors;
    float *velocity, *p;
};
struct AdamFactors {
    float step_size;        // learning rate / (1 - beta1^t)
    float root_correction;  // sqrt(1 - beta2^t)
    float beta1, beta2, stabilizer;
    float coupled_decay;     // times p, added to the gradient
    float decoupled_factor;  // p is multiplied by it first
};
struct Adam {  // unit: a block
    int64_t length;
    const float* gradient;
    AdamFactors factors;
    float *m, *v, *p;
};
struct GatherBytes {  // unit: a row
    int64_t d;
    const uint8_t* source;
    const int32_t* indices;
    float* out;
};

struct IterateDenseStack {  // unit: an example
    int32_t layers;
    const sp_dense_layer* stack;
    const sp_loop* loop;
    int64_t tile;  // examples that go through all steps together; not visible in the bits
};
struct DensePrepareBf16 {  // unit: a panel, of the outputs first, then of the inputs
    int64_t in, out;
    const float* w;
    uint16_t *forward, *backward;
};

struct UpdateDenseStack {  // unit: of _rows an example, of _weights a panel of columns of any layer
    int32_t layers;
    const sp_dense_layer* stack;
    const sp_update* update;
    SgdFactors sgd;
    AdamFactors adam;
    int64_t tile;  // as above
};

// Of the convolutions: status is set where a thread has no memory for its copies of images. prepared: as packed at the
// shape's precision.
struct ConvolutionPreparedLength {  // unit: all of it
    const sp_convolution* shape;
    int64_t* length;
};
struct ConvolutionPrepare {  // unit: a panel, forward ones first; backward by planes: a group
    const sp_convolution* shape;
    const float* w;
    float* prepared;
};
struct ConvolutionForward {  // unit: an example
    const sp_convolution* shape;
    const float *x, *prepared, *b;
    int32_t activation;
    float slope;
    float* y;
    int32_t* status;
};
struct ConvolutionInputGradient {  // unit: an example
    const sp_convolution* shape;
    const float *dy, *prepared, *y_before;
    int32_t activation;
    float slope;
    float* dx;
    int32_t* status;
};
constexpr int64_t kWeightShares = 1024;
struct ConvolutionWeightGradient {  // unit: one of kWeightShares shares of the weights
    int64_t n;
    const sp_convolution* shape;
    const float *x, *dy;
    float *dw, *db;
    int32_t* status;
};
struct ConvolutionLinfStep {  // unit: an example
    const sp_convolution* shape;
    const float *dy, *prepared, *origin;
    float step_size, epsilon;
    const int32_t* beaten;
    int32_t* zero_gradients;
    float* x;
    int32_t* status;
};
struct MaxPool {  // unit: an example
    const sp_pooling* shape;
    const float* x;
    float* y;
    int32_t* chosen;
};
struct MaxPoolGradient {  // unit: an example
    const sp_pooling* shape;
    const float* dy;
    const int32_t* chosen;
    const float* y_before;
    int32_t activation;
    float slope;
    float* dx;
};
struct AveragePool {  // unit: an example
    const sp_pooling* shape;
    const float* x;
    float* y;
};
struct AveragePoolGradient {  // unit: an example
    const sp_pooling* shape;
    const float *dy, *y_before;
    int32_t activation;
    float slope;
    float* dx;
};
struct Transpose {  // unit: an example
    int64_t rows, columns;
    const float* x;
    float* y;
};

struct FmaPeak {  // unit: a thread's share
    int64_t iterations;
    float factor;
    float* sums;
};

// name, argument record
#define SP_OPERATIONS(X)                        \
    SP_NORMALIZATION_OPERATIONS(X)              \
    SP_SEQUENCE_OPERATIONS(X)                   \
    SP_ASCENT_OPERATIONS(X)                     \
    SP_BOUNDARY_OPERATIONS(X)                   \
    SP_DIVERGENCE_OPERATIONS(X)                 \
    SP_HOP_OPERATIONS(X)                        \
    SP_MOMENTUM_OPERATIONS(X)                   \
    SP_PROBE_OPERATIONS(X)                      \
    X(dense_prepare, DensePrepare)              \
    X(dense_prepare_bf16, DensePrepareBf16)     \
    X(dense_forward, DenseForward)              \
    X(dense_input_gradient, DenseInputGradient) \
    X(dense_weight_gradient, DenseWeightGradient) \
    X(dense_linf_step, DenseLinfStep)           \
    X(dense_forward_bf16, DenseForwardBf16)     \
    X(dense_input_gradient_bf16, DenseInputGradientBf16) \
    X(dense_weight_gradient_bf16, DenseWeightGradientBf16) \
    X(dense_linf_step_bf16, DenseLinfStepBf16)  \
    X(convolution_prepared_length, ConvolutionPreparedLength) \
    X(convolution_prepare, ConvolutionPrepare)  \
    X(convolution_forward, ConvolutionForward)  \
    X(convolution_input_gradient, ConvolutionInputGradient) \
    X(convolution_weight_gradient, ConvolutionWeightGradient) \
    X(convolution_linf_step, ConvolutionLinfStep) \
    X(max_pool, MaxPool)                        \
    X(max_pool_gradient, MaxPoolGradient)       \
    X(average_pool, AveragePool)                \
    X(average_pool_gradient, AveragePoolGradient) \
    X(transpose, Transpose)                     \
    X(activation_forward, ActivationForward)    \
    X(activation_gradient, ActivationGradient)  \
    X(scale_shift, ScaleShift)                  \
    X(softmax_cross_entropy, LossFromLogits)    \
    X(mean_squared_error, LossFromLogits)       \
    X(margin, LossFromLogits)                   \
    X(arg_max, ArgMax)                          \
    X(linf_step, Step)                          \
    X(l2_step, Step)                            \
    X(l1_step, Step)                            \
    X(random_start, RandomStart)                \
    X(random_words, RandomWords)                \
    X(keep_iterate, KeepIterate)                \
    X(square_start, SquareStart)                \
    X(square_proposal, SquareProposal)          \
    X(sgd, Sgd)                                 \
    X(adam, Adam)                               \
    X(fma_peak, FmaPeak)                        \
    X(gather_bytes, GatherBytes)                \
    X(iterate_dense_stack, IterateDenseStack)   \
    X(update_dense_stack_rows, UpdateDenseStack) \
    X(update_dense_stack_weights, UpdateDenseStack)

// The kernels of one dispatch level.
struct Kernels {
#define SP_FIELD(name, Arguments) void (*name)(const Arguments&, int64_t begin, int64_t end);
    SP_OPERATIONS(SP_FIELD)
#undef SP_FIELD
    int64_t (*fma_peak_flops)(int64_t iterations);
};

}  // namespace sp

#if defined(SP_LEVEL_NAMESPACE)
namespace sp::SP_LEVEL_NAMESPACE {
#define SP_DECLARE(name, Arguments) void name(const Arguments&, int64_t begin, int64_t end);
SP_OPERATIONS(SP_DECLARE)
int64_t fma_peak_flops(int64_t iterations);
#undef SP_DECLARE
extern const Kernels kernels;
}  // namespace sp::SP_LEVEL_NAMESPACE
#endif
