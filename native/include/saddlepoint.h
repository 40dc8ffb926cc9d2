/*
 * The whole ABI of Saddlepoint's CPU device.
 *
 * Conventions, for every function:
 *   - matrices are row-major float32; n counts examples, in and out the features of a dense layer, d the features of an
 *     input, c the classes; labels and indices are int32;
 *   - the caller owns all memory and has checked sizes; nothing here prints, aborts or throws;
 *   - the result is a status: SP_OK or one of the codes below;
 *   - results are the same bits for any number of threads and any batch size (one fixed summation order an element).
 *   - a pointer documented "or NULL" may be absent; outputs are overwritten, never added to, unless stated.
 */
#ifndef SADDLEPOINT_H
#define SADDLEPOINT_H

#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

#define SP_EXPORT __attribute__((visibility("default")))

enum sp_status { SP_OK = 0, SP_INVALID_ARGUMENT = 1, SP_OUT_OF_MEMORY = 2, SP_UNSUPPORTED_LEVEL = 3 };

/* Instruction sets that the kernels were compiled for, weakest first. */
enum sp_level { SP_LEVEL_BEST = -1, SP_LEVEL_PORTABLE = 0, SP_LEVEL_AVX2 = 1, SP_LEVEL_AVX512 = 2, SP_LEVEL_AVX512_BF16 = 3 };

enum sp_activation { SP_IDENTITY = 0, SP_RELU = 1, SP_LEAKY_RELU = 2, SP_TANH = 3, SP_SIGMOID = 4, SP_CLIPPED_RELU = 5 };

enum sp_norm { SP_LINF = 0, SP_L2 = 1, SP_L1 = 2 };

/* A worker pool and a table of kernels. Functions below may be called from any thread at any time. */
typedef struct sp_device sp_device;

/* threads: 1..1024, the caller's thread included; level: an sp_level. */
SP_EXPORT int32_t sp_device_create(int32_t threads, int32_t level, sp_device** out);
SP_EXPORT int32_t sp_device_destroy(sp_device* device);
SP_EXPORT int32_t sp_device_level(const sp_device* device);
/* The strongest sp_level of this machine. */
SP_EXPORT int32_t sp_best_level(void);

/* A recorder shares a device's threads and takes every function below: operations that treat each example for itself are
 * kept, and run when the recorder is told to, or before one that does not. Then each thread takes a range of examples
 * through all of them. For one thread at a time; to be destroyed, like a device, before its device. */
SP_EXPORT int32_t sp_recorder_create(sp_device* device, sp_device** out);
/* Forgets what was kept. done (n int32, or NULL): examples at which it is not negative need no further work; read again
 * before each operation. */
SP_EXPORT int32_t sp_recorder_begin(sp_device* recorder, int64_t n, const int32_t* done);
SP_EXPORT int32_t sp_recorder_run(sp_device* recorder);

/* Runs independent chains of float32 multiply-adds on all threads; flops: how many operations that were. To be timed by
 * the caller: a ceiling for every product. */
SP_EXPORT int32_t sp_fma_peak(sp_device* device, int64_t iterations, int64_t* flops);

/* ---- dense layers: W is out x in, b has out entries ---- */

/* Floats that a prepared copy of W needs. */
SP_EXPORT int64_t sp_dense_prepared_length(int64_t in, int64_t out);
/* Packs W for sp_dense_forward: to be called again whenever W has changed. */
SP_EXPORT int32_t sp_dense_prepare(sp_device* device, int64_t in, int64_t out, const float* w, float* prepared);
/* Two-byte elements that each of the two bfloat16 copies of W needs. */
SP_EXPORT int64_t sp_dense_prepared_bf16_length(int64_t in, int64_t out);
/* Packs W as bfloat16 for the attack's products, forward and backward. */
SP_EXPORT int32_t sp_dense_prepare_bf16(sp_device* device, int64_t in, int64_t out, const float* w, uint16_t* forward,
                                        uint16_t* backward);
/* y = activation(x W^T + b): x n x in, y n x out. */
SP_EXPORT int32_t sp_dense_forward(sp_device* device, int64_t n, int64_t in, int64_t out, const float* x,
                                   const float* prepared, const float* b, int32_t activation, float slope, float* y);
/* dx = (dy W) * activation'(y_before): y_before (n x in, or NULL with SP_IDENTITY) is the output of the activation that
 * fed this layer. */
SP_EXPORT int32_t sp_dense_input_gradient(sp_device* device, int64_t n, int64_t in, int64_t out, const float* dy,
                                          const float* w, const float* y_before, int32_t activation, float slope,
                                          float* dx);
/* dw = dy^T x (out x in), db = column sums of dy; both sum over examples in index order. */
SP_EXPORT int32_t sp_dense_weight_gradient(sp_device* device, int64_t n, int64_t in, int64_t out, const float* x,
                                           const float* dy, float* dw, float* db);
/* An L-inf step whose gradient dy W never reaches memory: see sp_linf_step for the rest. */
SP_EXPORT int32_t sp_dense_linf_step(sp_device* device, int64_t n, int64_t in, int64_t out, const float* dy,
                                     const float* w, const float* origin, float step_size, float epsilon,
                                     const int32_t* beaten, int32_t* zero_gradients, float* x);

/* The same with the operands of the products rounded to bfloat16. forward, backward: by sp_dense_prepare_bf16, or NULL:
 * then w is rounded in each call. SP_OUT_OF_MEMORY where a thread cannot hold the rounded operands. */
SP_EXPORT int32_t sp_dense_forward_bf16(sp_device* device, int64_t n, int64_t in, int64_t out, const float* x,
                                        const float* w, const uint16_t* forward, const float* b, int32_t activation,
                                        float slope, float* y);
SP_EXPORT int32_t sp_dense_input_gradient_bf16(sp_device* device, int64_t n, int64_t in, int64_t out, const float* dy,
                                               const float* w, const uint16_t* backward, const float* y_before,
                                               int32_t activation, float slope, float* dx);
SP_EXPORT int32_t sp_dense_weight_gradient_bf16(sp_device* device, int64_t n, int64_t in, int64_t out, const float* x,
                                                const float* dy, float* dw, float* db);
SP_EXPORT int32_t sp_dense_linf_step_bf16(sp_device* device, int64_t n, int64_t in, int64_t out, const float* dy,
                                          const float* w, const uint16_t* backward, const float* origin,
                                          float step_size, float epsilon, const int32_t* beaten,
                                          int32_t* zero_gradients, float* x);

/* ---- convolution: images channels last (height x width x channels), an input channels first where the shape says so;
 * W is filters x (channels / groups) x kernel height x kernel width. A sum runs over kernel rows, kernel columns, then
 * channels (backward: filters). SP_OUT_OF_MEMORY where a thread cannot hold a copy of an image. ---- */

typedef struct sp_convolution {
    int64_t channels, height, width, filters;
    int64_t kernel_height, kernel_width, stride_y, stride_x, top, left, bottom, right, dilation_y, dilation_x;
    int64_t groups;         /* divides channels and filters */
    int32_t channels_first; /* the input and the gradient with respect to it; the output never is */
    int32_t bf16;           /* whether the operands of products are rounded to bfloat16 */
} sp_convolution;

/* Floats that a prepared copy of W needs. */
SP_EXPORT int32_t sp_convolution_prepared_length(sp_device* device, const sp_convolution* shape, int64_t* length);
/* Packs W for the functions below: to be called again whenever W has changed. */
SP_EXPORT int32_t sp_convolution_prepare(sp_device* device, const sp_convolution* shape, const float* w,
                                         float* prepared);
/* y = activation(x * W + b); b may be NULL (zero). */
SP_EXPORT int32_t sp_convolution_forward(sp_device* device, int64_t n, const sp_convolution* shape, const float* x,
                                         const float* prepared, const float* b, int32_t activation, float slope,
                                         float* y);
/* dx = gradient * activation'(y_before): y_before (or NULL with SP_IDENTITY) is the output of the activation that fed this
 * layer. */
SP_EXPORT int32_t sp_convolution_input_gradient(sp_device* device, int64_t n, const sp_convolution* shape,
                                                const float* dy, const float* prepared, const float* y_before,
                                                int32_t activation, float slope, float* dx);
/* dw and db (or NULL): sums over chunks of 32 examples in order. */
SP_EXPORT int32_t sp_convolution_weight_gradient(sp_device* device, int64_t n, const sp_convolution* shape,
                                                 const float* x, const float* dy, float* dw, float* db);
/* An L-inf step whose gradient never reaches memory: see sp_linf_step for the rest. */
SP_EXPORT int32_t sp_convolution_linf_step(sp_device* device, int64_t n, const sp_convolution* shape, const float* dy,
                                           const float* prepared, const float* origin, float step_size, float epsilon,
                                           const int32_t* beaten, int32_t* zero_gradients, float* x);

/* ---- pooling: images channels last ---- */

typedef struct sp_pooling {
    int64_t channels, height, width;
    int64_t kernel_height, kernel_width, stride_y, stride_x, top, left, bottom, right, dilation_y, dilation_x;
    int64_t count_padding; /* of means: whether padding counts as zeros */
} sp_pooling;

/* y = the largest of each window, padding left out; chosen: its row * width + column in the input. Ties: the first; the
 * first that is not a number before all. */
SP_EXPORT int32_t sp_max_pool(sp_device* device, int64_t n, const sp_pooling* shape, const float* x, float* y,
                              int32_t* chosen);
/* dx = gradient * activation'(y_before), windows summed in the order of the outputs. */
SP_EXPORT int32_t sp_max_pool_gradient(sp_device* device, int64_t n, const sp_pooling* shape, const float* dy,
                                       const int32_t* chosen, const float* y_before, int32_t activation, float slope,
                                       float* dx);
/* y = the mean of each window. */
SP_EXPORT int32_t sp_average_pool(sp_device* device, int64_t n, const sp_pooling* shape, const float* x, float* y);
SP_EXPORT int32_t sp_average_pool_gradient(sp_device* device, int64_t n, const sp_pooling* shape, const float* dy,
                                           const float* y_before, int32_t activation, float slope, float* dx);

/* y = each example's matrix (rows x columns) transposed; y is not x. */
SP_EXPORT int32_t sp_transpose(sp_device* device, int64_t n, int64_t rows, int64_t columns, const float* x, float* y);

/* ---- elementwise ---- */

/* y = activation(x); x and y may be the same. */
SP_EXPORT int32_t sp_activation_forward(sp_device* device, int64_t length, const float* x, int32_t activation,
                                        float slope, float* y);
/* dx = dy * activation'(y), y the activation's output; dx and dy may be the same. */
SP_EXPORT int32_t sp_activation_gradient(sp_device* device, int64_t length, const float* y, const float* dy,
                                         int32_t activation, float slope, float* dx);
/* y = x * scale[k] + shift[k], k the channel: rows of channels x size values; shift may be NULL (zero). */
SP_EXPORT int32_t sp_scale_shift(sp_device* device, int64_t n, int64_t channels, int64_t size, const float* x,
                                 const float* scale, const float* shift, float* y);

/* y = activation(a + b); y may be a or b. */
SP_EXPORT int32_t sp_add(sp_device* device, int64_t length, const float* a, const float* b, int32_t activation,
                         float slope, float* y);
/* Columns [source_at, source_at + columns) of source (rows x source_width) become target's from target_at on. */
SP_EXPORT int32_t sp_copy_columns(sp_device* device, int64_t rows, int64_t columns, const float* source,
                                  int64_t source_width, int64_t source_at, float* target, int64_t target_width,
                                  int64_t target_at);

/* ---- normalisation: channels lie last, rows are the pixels of all examples ----
 * Sums over rows: in double, chunks of 32 rows in order, the chunks of a group in order (their number follows from rows and
 * columns alone), the groups in order. */

/* Mean and biased variance of each channel of x (rows x channels): of the deviations from the first row, in one pass. */
SP_EXPORT int32_t sp_channel_statistics(sp_device* device, int64_t rows, int64_t channels, const float* x, float* mean,
                                        float* variance);
/* r = (1 - momentum) r + momentum s: s is the mean, or the unbiased variance, which a single row leaves alone. */
SP_EXPORT int32_t sp_update_running_statistics(sp_device* device, int64_t rows, int64_t channels, float momentum,
                                               const float* mean, const float* variance, float* running_mean,
                                               float* running_variance);
/* scale = weight / sqrt(variance + epsilon), shift = bias - mean * scale. */
SP_EXPORT int32_t sp_fold_batch_norm(sp_device* device, int64_t channels, const float* mean, const float* variance,
                                     float epsilon, const float* weight, const float* bias, float* scale, float* shift);
/* db = sum dy, dw = sum dy xhat, dx = weight / sqrt(variance + epsilon) (dy - db / rows - xhat dw / rows), where xhat =
 * (x - mean) / sqrt(variance + epsilon); dx is not dy. */
SP_EXPORT int32_t sp_batch_norm_gradient(sp_device* device, int64_t rows, int64_t channels, const float* x,
                                         const float* dy, const float* mean, const float* variance, float epsilon,
                                         const float* weight, float* dw, float* db, float* dx);
/* y = activation(weight * xhat + bias), xhat with mean and biased variance of each row. */
SP_EXPORT int32_t sp_layer_norm(sp_device* device, int64_t rows, int64_t size, const float* x, const float* weight,
                                const float* bias, float epsilon, int32_t activation, float slope, float* y);
/* dx = the gradient with respect to x, times activation'(before) (before: rows x size, or NULL with SP_IDENTITY). */
SP_EXPORT int32_t sp_layer_norm_gradient(sp_device* device, int64_t rows, int64_t size, const float* x, const float* dy,
                                         const float* weight, float epsilon, int32_t activation, float slope,
                                         const float* before, float* dx);
/* dw = sum over rows of dy xhat, db = sum over rows of dy. */
SP_EXPORT int32_t sp_layer_norm_weight_gradient(sp_device* device, int64_t rows, int64_t size, const float* x,
                                                const float* dy, float epsilon, float* dw, float* db);
/* y = x / (1 - probability), or 0 where an element's uniform draw (restart = layer; see sp_random_start) is below the
 * probability; y may be x. */
SP_EXPORT int32_t sp_dropout(sp_device* device, int64_t n, int64_t d, const float* x, const int32_t* indices,
                             uint64_t seed, uint32_t stream, uint32_t layer, float probability, float* y);

/* ---- recurrent layers: gates in PyTorch's order, i f g o (LSTM) and r z n (GRU); U is gate_size x hidden, where
 * gate_size is hidden times 1, 1, 4, 3; states are zero at the start ---- */

enum sp_cell { SP_RNN_TANH = 0, SP_RNN_RELU = 1, SP_LSTM = 2, SP_GRU = 3 };

/* gates (n x steps x gate_size): W x + b on entry, the gates' activated values afterwards; states (n x steps x hidden): h;
 * memory (n x steps x hidden): LSTM: c_t, GRU: (U h + c)_n, else NULL. */
SP_EXPORT int32_t sp_recurrent_forward(sp_device* device, int64_t n, int32_t cell, int64_t steps, int64_t hidden,
                                       float* gates, const float* u, const float* c, float* states, float* memory);
/* dgates (n x steps x gate_size): with respect to W x + b; dhidden (the same, GRU alone, else NULL): with respect to
 * U h + c. dstates: n x steps x hidden where all is not 0, else n x hidden, of the last step. */
SP_EXPORT int32_t sp_recurrent_backward(sp_device* device, int64_t n, int32_t cell, int64_t steps, int64_t hidden,
                                        const float* gates, const float* u, const float* states, const float* memory,
                                        const float* dstates, int32_t all, float* dgates, float* dhidden);
/* du = sum over examples and steps of dhidden_t^T h_{t-1}, dc = sum of dhidden: one chain over the examples of a chunk of
 * 32, within an example over steps, then the chunks in order. */
SP_EXPORT int32_t sp_recurrent_weight_gradient(sp_device* device, int64_t n, int32_t cell, int64_t steps,
                                               int64_t hidden, const float* states, const float* dhidden, float* du,
                                               float* dc);

/* ---- losses from logits z (n x c): loss (n) and gradient (n x c) may each be NULL ---- */

/* loss = log sum exp z - z_y. gradient = factor * (softmax(z) - onehot(y)), or, rescaled (a positive multiple of it an
 * example, which neither underflows nor cancels): factor * g with g_j = exp(z_j - max_{i != y} z_i) for j != y and
 * g_y = -sum of the others. */
SP_EXPORT int32_t sp_softmax_cross_entropy(sp_device* device, int64_t n, int64_t c, const float* z,
                                           const int32_t* labels, float factor, int32_t rescaled, float* loss,
                                           float* gradient);
/* loss = mean over classes of (z - onehot(y))^2. */
SP_EXPORT int32_t sp_mean_squared_error(sp_device* device, int64_t n, int64_t c, const float* z, const int32_t* labels,
                                        float factor, float* loss, float* gradient);
/* loss = max_{i != y} z_i - z_y: positive where the example is misclassified. Ties: the lowest class. */
SP_EXPORT int32_t sp_margin(sp_device* device, int64_t n, int64_t c, const float* z, const int32_t* labels,
                            float factor, float* loss, float* gradient);
/* Losses towards one class t, targets[i]; p1, p3, p4 are the classes of the largest, third and fourth largest logits, the
 * gradient goes through them too. SP_DLR: -(z_y - z_t) / (z_p1 - (z_p3 + z_p4) / 2 + 1e-12), of 4 classes or more; with
 * targets NULL the untargeted form, t the largest other class and p4 = p3, of 3 or more. SP_TARGET_MARGIN: z_t - z_y. */
enum sp_target_loss_kind { SP_DLR = 0, SP_TARGET_MARGIN = 1 };
SP_EXPORT int32_t sp_target_loss(sp_device* device, int32_t kind, int64_t n, int64_t c, const float* z,
                                 const int32_t* labels, const int32_t* targets, float factor, float* loss,
                                 float* gradient);
/* out = the class of the rank-th largest logit other than the label's, rank in 1..c-1; ties: the lowest class first. A
 * NaN ranks as -infinity. */
SP_EXPORT int32_t sp_ranked_class(sp_device* device, int64_t n, int64_t c, const float* z, const int32_t* labels,
                                  int64_t rank, int32_t* out);
/* out = arg max of each row; ties: the lowest. */
SP_EXPORT int32_t sp_arg_max(sp_device* device, int64_t n, int64_t c, const float* z, int32_t* out);

/* ---- attack steps, in place on x (n x d), about origin, within [0,1] ----
 * gradient may be NULL: then x is only projected. Rows with beaten[i] >= 0 are left alone (beaten may be NULL).
 * zero_gradients[i] is incremented where all of row i's gradient is zero (may be NULL). Afterwards the distance in exact
 * arithmetic between the stored float32 values is at most epsilon. */

/* x = clip(x + step_size * sign(gradient)), sign(0) = 0. */
SP_EXPORT int32_t sp_linf_step(sp_device* device, int64_t n, int64_t d, const float* gradient, const float* origin,
                               float step_size, float epsilon, const int32_t* beaten, int32_t* zero_gradients,
                               float* x);
/* x = project(x + step_size * gradient / |gradient|_2). */
SP_EXPORT int32_t sp_l2_step(sp_device* device, int64_t n, int64_t d, const float* gradient, const float* origin,
                             float step_size, float epsilon, const int32_t* beaten, int32_t* zero_gradients, float* x);
/* x = project(x + step_size / top * sign(gradient)) on the top coordinates of largest |gradient| among those that the
 * box does not block; the projection is onto ball and box together. */
SP_EXPORT int32_t sp_l1_step(sp_device* device, int64_t n, int64_t d, const float* gradient, const float* origin,
                             float step_size, float epsilon, int64_t top, const int32_t* beaten,
                             int32_t* zero_gradients, float* x);
enum sp_start { SP_START_ORIGINAL = 0, SP_START_BALL_AND_BOX = 1, SP_START_BALL = 2 };
/* x = origin + a uniform draw from the ball of the norm, projected unless start is SP_START_BALL. Random numbers:
 * Philox4x32-10 with key = seed and counter = (element / 4, indices[i], restart, stream), stream = purpose << 24 | epoch. */
SP_EXPORT int32_t sp_random_start(sp_device* device, int32_t norm, int32_t start, int64_t n, int64_t d,
                                  const float* origin, const int32_t* indices, float epsilon, uint64_t seed,
                                  uint32_t stream, uint32_t restart, float* x);
/* The words of that generator: words[i][0..d) for example indices[i]; for tests and for the caller's own draws. */
SP_EXPORT int32_t sp_random_words(sp_device* device, int64_t n, int64_t d, const int32_t* indices, uint64_t seed,
                                  uint32_t stream, uint32_t restart, uint32_t* words);
/* Keeps the best iterate an example. Rows already beaten stay. A row whose arg max differs from its label (targeted: is
 * its label) is kept and marked beaten[i] = step; else it is kept if its objective, loss (targeted: -loss), exceeds
 * best_objective[i]. Start with beaten = -1 and best_objective = -infinity. */
SP_EXPORT int32_t sp_keep_iterate(sp_device* device, int64_t n, int64_t d, int64_t c, const float* x, const float* z,
                                  const int32_t* labels, const float* loss, int32_t targeted, int32_t step,
                                  float* best_x, float* best_objective, int32_t* beaten);

/* ---- FAB (Croce and Hein 2020), L-inf and L2 ---- */

/* With d and d0 the shortest ways from x and origin to {u in [0,1]: <direction, z> + <gradient, u - x> = 0} (to where the box
 * comes closest if there is none), z and direction n x c: the logits at x, and what is linearised of them, and a = min(|d| / (|d| + |d0|), most_origin):
 * x = clip((1 - a) (x + overshoot d) + a (origin + overshoot d0)), in place. Rows with beaten[i] >= 0 are left alone (may be
 * NULL), and so are those whose gradient is zero throughout, which zero_gradients[i] counts (may be NULL), or not finite. */
SP_EXPORT int32_t sp_boundary_step(sp_device* device, int32_t norm, int64_t n, int64_t d, int64_t c, const float* z,
                                   const float* direction, const float* gradient, const float* origin,
                                   float most_origin, float overshoot, const int32_t* beaten,
                                   int32_t* zero_gradients, float* x);
/* A row whose arg max differs from its label is kept if it is closer to the origin than best_x, best_objective[i] being
 * minus the distance; beaten[i] = step if that is at most epsilon in exact arithmetic, else -1. Then
 * x = origin + pull (x - origin). Rows already beaten stay, unless minimal is not 0. Start with beaten = -1 and
 * best_objective = -infinity. */
SP_EXPORT int32_t sp_keep_closest(sp_device* device, int32_t norm, int64_t n, int64_t d, int64_t c, const float* z,
                                  const float* origin, const int32_t* labels, float epsilon, float pull,
                                  int32_t minimal, int32_t step, float* x, float* best_x, float* best_objective,
                                  int32_t* beaten);
/* ---- APGD (Croce and Hein 2020, algorithm 1) in the L-inf and L2 norm, on x (n x d) about origin; beaten as above ----
 * state holds SP_ASCENT_STATE floats a row: the step size, the last loss, the best loss, the best loss at the last
 * checkpoint, how often the loss rose since, and whether the step size was halved there (1 or 0). */

enum { SP_ASCENT_STATE = 6 };

/* x = origin + epsilon * v / |v|, projected: v uniform in [-1,1] (L-inf) or Gaussian (L2), numbered as sp_random_start's. */
SP_EXPORT int32_t sp_ascent_start(sp_device* device, int32_t norm, int64_t n, int64_t d, const float* origin,
                                  const int32_t* indices, float epsilon, uint64_t seed, uint32_t stream,
                                  uint32_t restart, float* x);
/* z = project(x + step size * direction of the gradient), x = project(x + momentum (z - x) + (1 - momentum) (x - previous)),
 * previous = the x before. workspace: n x d, may be NULL for L-inf. */
SP_EXPORT int32_t sp_ascent_step(sp_device* device, int32_t norm, int64_t n, int64_t d, const float* gradient,
                                 const float* origin, const float* state, float momentum, float epsilon,
                                 const int32_t* beaten, int32_t* zero_gradients, float* workspace, float* previous,
                                 float* x);
/* first_step 0 or more: x is a start, all state begins with it. Else: keeps x and its gradient where loss exceeds the best,
 * and counts a rise; with fewest_rises >= 0 x is a checkpoint: where the loss rose at most so often, or the step size was
 * not halved at the last one and the best loss is the same since, halves it and goes back to the best x and gradient. */
SP_EXPORT int32_t sp_ascent_check(sp_device* device, int64_t n, int64_t d, const float* loss, float first_step,
                                  int32_t fewest_rises, const int32_t* beaten, float* state, float* x, float* gradient,
                                  float* previous, float* best, float* best_gradient);
/* ---- attack steps that remember earlier gradients; beaten and zero_gradients as above ---- */

/* MI-FGSM (Dong et al. 2018, equation 6): momentum = decay * momentum + gradient / |gradient|_1, n x d, in place. A gradient
 * that is zero throughout, or not all finite, adds nothing. */
SP_EXPORT int32_t sp_momentum(sp_device* device, int64_t n, int64_t d, const float* gradient, float decay,
                              const int32_t* beaten, int32_t* zero_gradients, float* momentum);
/* ---- Carlini and Wagner's L2 attack (2017, section VI.A), in w with x = (tanh(w) + 1) / 2, by Adam with its moments first and
 * second (all n x d). state holds SP_PENALTY_STATE floats a row: c, its lower and upper bound, whether this c was enough (1 or
 * 0), and |x - origin|^2 + c * excess at the last check. Rows with done[i] >= 0 are left alone by sp_penalty_step. ---- */

enum { SP_PENALTY_STATE = 5 };

/* begins not 0: c = initial, within (0, 1e10). Else the next c of the binary search: the middle of its bounds, or ten times as
 * much while there is no upper one. Then x = origin, w = atanh((1 - 1e-6)(2 x - 1)), moments and done start anew; rows with
 * beaten[i] >= 0 only have done = beaten, unless minimal is not 0. */
SP_EXPORT int32_t sp_penalty_search(sp_device* device, int64_t n, int64_t d, const float* origin, int32_t begins,
                                    float initial, int32_t minimal, const int32_t* beaten, float* state,
                                    int32_t* done, float* x, float* w, float* first, float* second);
/* value: the margin max_{i != y} z_i - z_y at x; f = -value (targeted: value), gradient that of f. Where f < 0 and f <=
 * -confidence, x is kept if it is closer to the origin than best_x, best_objective and beaten as in sp_keep_closest; done[i] =
 * step where that is inside epsilon and minimal is 0. With check not 0, done[i] = step too where |x - origin|^2 + c max(f +
 * confidence, 0) is above 0.9999 times that at the last check. Else one step of Adam in w: step_size = rate / (1 - 0.9^t),
 * root_correction = sqrt(1 - 0.999^t). A gradient that is not all finite counts as zero. */
SP_EXPORT int32_t sp_penalty_step(sp_device* device, int64_t n, int64_t d, const float* value, const float* gradient,
                                  const float* origin, int32_t targeted, float confidence, float epsilon,
                                  int32_t minimal, float step_size, float root_correction, int32_t step, int32_t check,
                                  float* state, int32_t* done, float* x, float* w, float* first, float* second,
                                  float* best_x, float* best_objective, int32_t* beaten, int32_t* zero_gradients);
/* ---- the Square attack (Andriushchenko et al. 2020): images of channels x height x width, windows of rows x columns of
 * them; bumps (L2 alone, else NULL): 2 x rows x columns, of length 1 each, chosen by a random bit. Words are those of
 * sp_random_start with `restart` or `query` in the restart's place; a sign is + where a word's highest bit is set. norm:
 * SP_LINF or SP_L2. ---- */

/* x = project(origin + amplitude * sign * bump, or 1) in the whole windows that tile the image's middle; the others stay at
 * origin. Words of tile t: t * (channels + 1) for the choice of bump, the next ones for each channel's sign. */
SP_EXPORT int32_t sp_square_start(sp_device* device, int32_t norm, int64_t n, int64_t channels, int64_t height,
                                  int64_t width, int64_t rows, int64_t columns, const float* bumps, float amplitude,
                                  const float* origin, const int32_t* indices, float epsilon, uint64_t seed,
                                  uint32_t stream, uint32_t restart, float* x);
/* x = point with one window of each example's own changed. L-inf: by sign * 2 epsilon a channel, clipped. L2: algorithm 3:
 * the length of two windows goes into the first, with a new bump added to it; then projected. Words: 0 and 1 say row and
 * column of the first window, 2 and 3 those of the second, 4 the bump, 5 + k the sign of channel k; place =
 * word * places / 2^32. Rows with beaten[i] >= 0 are left alone (beaten may be NULL). x is not point. */
SP_EXPORT int32_t sp_square_proposal(sp_device* device, int32_t norm, int64_t n, int64_t channels, int64_t height,
                                     int64_t width, int64_t rows, int64_t columns, const float* bumps,
                                     const float* origin, const float* point, const int32_t* indices, float epsilon,
                                     uint64_t seed, uint32_t stream, uint32_t query, const int32_t* beaten, float* x);
/* ---- probes around a point, for attacks that learn from answers alone (NES: Ilyas et al. 2018; HopSkipJump: Chen et al.
 * 2020). Rows with done[i] >= 0 are left alone (done may be NULL). ---- */

enum { SP_GAUSSIAN = 0, SP_SPHERE = 1, SP_CUBE = 2 };

/* x = clip(point + scale * scales[i] * u) onto [0,1] (scales may be NULL: 1), u a standard normal draw, the same over its
 * length, or a uniform draw from [-1,1]^d over its length. Words are those of sp_random_start with `number` in the restart's
 * place. x is not point. */
SP_EXPORT int32_t sp_noise_probe(sp_device* device, int32_t draw, int64_t n, int64_t d, const float* point,
                                 const int32_t* indices, float scale, const float* scales, uint64_t seed, uint32_t stream,
                                 uint32_t number, const int32_t* done, float* x);
/* gradient = (first ? 0 : gradient) + (loss[i] - base[i]) * (x - point), all n x d but base and loss (n). */
SP_EXPORT int32_t sp_nes_estimate(sp_device* device, int64_t n, int64_t d, const float* point, const float* x,
                                  const float* base, const float* loss, int32_t first, const int32_t* done,
                                  float* gradient);
/* ---- HopSkipJump (Chen et al. 2020, algorithm 2), L-inf and L2. origin, point, toward, away, x, best_x n x d (distinct),
 * bracket n x 2, counts n x 3 (queries asked; of the probes, misclassified and others), the rest n. Rows with done[i] >= 0 are
 * left alone, but by the turn into SP_HOP_BISECT. ---- */

enum { SP_HOP_START = 0, SP_HOP_BISECT = 1, SP_HOP_PROBE = 2, SP_HOP_STEP = 3 };

/* BISECT: done[i] = 0 where best_objective[i] is -infinity (nothing found) or not below 0 (the origin itself), counts[3 i] >=
 * queries, or beaten[i] >= 0 and minimal is 0, else -1; bracket = (0, 1); size = |point - origin| / d. PROBE: point = origin +
 * bracket[1] (point - origin), or (L-inf) point cut to that share of its distance; toward, away and the probes' counts = 0.
 * STEP: toward = toward / misclassified - away / others (one alone where the other has none), over its length (L2) or its sign
 * (L-inf); size = |point - origin| / sqrt(iteration). */
SP_EXPORT int32_t sp_hop_turn(sp_device* device, int32_t phase, int32_t norm, int64_t n, int64_t d, int32_t iteration,
                              int32_t queries, int32_t minimal, const float* origin, const float* best_objective,
                              const int32_t* beaten, float* point, float* toward, float* away, float* bracket, float* size,
                              int32_t* counts, int32_t* done);
/* BISECT: x as point above, with the bracket's middle. STEP: x = clip(point + size * toward) onto [0,1]. */
SP_EXPORT int32_t sp_hop_propose(sp_device* device, int32_t phase, int32_t norm, int64_t n, int64_t d, const float* origin,
                                 const float* point, const float* toward, const float* bracket, const float* size,
                                 const int32_t* done, float* x);
/* Counts an answer, misclassified where the arg max of z (n x c) is not the label. PROBE: toward (misclassified) or away +=
 * x - point. BISECT: the middle becomes bracket[1] (misclassified) or bracket[0]. START and STEP: point = x and done = 0
 * (misclassified), or (STEP) size is halved. But for PROBE, a misclassified x closer than best_x replaces it, best_objective[i]
 * being minus the distance; beaten[i] = the number of its query if that is at most epsilon in exact arithmetic, else -1. done
 * = 0 where the queries are spent, or beaten[i] >= 0 and minimal is 0. */
SP_EXPORT int32_t sp_hop_judge(sp_device* device, int32_t phase, int32_t norm, int64_t n, int64_t d, int64_t c,
                               const float* z, const float* origin, const int32_t* labels, float epsilon, int32_t queries,
                               int32_t minimal, const float* x, float* point, float* toward, float* away, float* bracket,
                               float* size, int32_t* counts, int32_t* done, float* best_x, float* best_objective,
                               int32_t* beaten);
/* ---- TRADES (Zhang et al. 2019) ---- */

/* loss = KL(softmax(reference) || softmax(z)), gradient = factor * (softmax(z) - softmax(reference)), with respect to z;
 * all n x c but loss (n), which may be NULL, as gradient may. */
SP_EXPORT int32_t sp_divergence(sp_device* device, int64_t n, int64_t c, const float* z, const float* reference,
                                float factor, float* loss, float* gradient);
/* Of 2n rows z, first those of n clean examples, then those of their perturbed forms: loss[i] = log sum exp z_i - z_iy +
 * beta * KL(softmax(z_i) || softmax(z_(n+i))), and factor times its gradient with respect to all 2n rows. */
SP_EXPORT int32_t sp_trades(sp_device* device, int64_t n, int64_t c, const float* z, const int32_t* labels, float beta,
                            float factor, float* loss, float* gradient);
/* x = origin + deviation * a standard normal draw, projected; random numbers as of sp_random_start. */
SP_EXPORT int32_t sp_gaussian_start(sp_device* device, int32_t norm, int64_t n, int64_t d, const float* origin,
                                    const int32_t* indices, float deviation, float epsilon, uint64_t seed,
                                    uint32_t stream, uint32_t restart, float* x);

/* ---- the fused loop: K attack steps over a stack of dense layers, each thread on its own examples, no barriers ---- */

typedef struct sp_dense_layer {
    int64_t in, out;
    float* w;        /* out x in; changed by sp_update_dense_stack alone, as b and prepared are */
    float* prepared; /* by sp_dense_prepare */
    float* b;        /* out */
    int32_t activation;
    float slope;
    float* output;   /* workspace, n x out */
    float* gradient; /* workspace, n x out */
    /* Products of bfloat16 operands in the attack, or all NULL: W twice by sp_dense_prepare_bf16, and workspaces for
     * inputs and gradients, n rows of in and of out values, each rounded up to even. */
    uint16_t *forward_bf16, *backward_bf16;
    uint16_t *input_bf16, *gradient_bf16;
} sp_dense_layer;

enum sp_loss { SP_CROSS_ENTROPY = 0, SP_MEAN_SQUARED_ERROR = 1, SP_MARGIN_LOSS = 2 };

typedef struct sp_loop {
    int64_t n;
    const float* origin;    /* n x d */
    const int32_t* labels;  /* n */
    const int32_t* indices; /* n */
    float* x;               /* n x d, overwritten: the last iterate; with keep, workspace */
    int32_t norm;           /* sp_norm */
    int32_t loss;           /* sp_loss */
    int32_t steps, start, targeted; /* sp_start */
    float step_size, epsilon;
    int64_t top; /* L1 alone */
    uint64_t seed;
    uint32_t stream, restart;
    /* What is known of the examples, or all NULL (training). With keep, every iterate is a candidate for the best. */
    int32_t keep;
    float *best_x, *best_objective;
    int32_t *beaten, *zero_gradients;
    float* losses;   /* workspace, n; needed with keep */
    float* gradient; /* workspace, n x d; needed unless norm is SP_LINF */
    float* origins;  /* workspace, n x d; needed with keep */
} sp_loop;

/* The same bits as the operations one after another: sp_random_start or a copy, then for each step forward, loss,
 * sp_keep_iterate, backward and the norm's step; with keep, the last iterate is passed forward and kept as well, and an
 * example that is beaten is not worked on any more. */
SP_EXPORT int32_t sp_iterate_dense_stack(sp_device* device, int32_t layers, const sp_dense_layer* stack,
                                         const sp_loop* loop);

/* ---- the fused weight update: forward, backward, weight gradient, optimizer and packing with one barrier ---- */

enum sp_optimizer { SP_SGD = 0, SP_ADAM = 1 };

typedef struct sp_update {
    int64_t n;
    const float* x;        /* n x d */
    const int32_t* labels; /* n */
    int32_t loss;          /* sp_loss */
    float factor;          /* multiplies the loss's gradient: 1/n for the mean */
    float* losses;         /* n, overwritten */
    int32_t* predictions;  /* n, overwritten: the arg max before the update */
    int32_t optimizer;     /* sp_optimizer */
    int32_t nesterov, decoupled;
    float learning_rate, momentum, beta1, beta2, stabilizer, weight_decay;
    int64_t step;          /* from 1 */
    float* parameters;     /* the flat array in which each layer's w and b lie */
    float *m, *v;          /* of the same layout: the optimizer's state; SGD: m is the velocity or NULL */
} sp_update;

/* The same bits as forward, loss, sp_arg_max, input and weight gradients, sp_sgd or sp_adam, and sp_dense_prepare of each
 * layer; w, b and prepared of each layer are updated, gradients never reach memory. */
SP_EXPORT int32_t sp_update_dense_stack(sp_device* device, int32_t layers, const sp_dense_layer* stack,
                                        const sp_update* update);

/* ---- optimizers, over a flat array of parameters ---- */

/* g = gradient + weight_decay * p; velocity = momentum * velocity + g (first step: g); p -= learning_rate * (nesterov ?
 * g + momentum * velocity : velocity). velocity may be NULL when momentum is 0. */
SP_EXPORT int32_t sp_sgd(sp_device* device, int64_t length, const float* gradient, float learning_rate, float momentum,
                         int32_t nesterov, float weight_decay, int64_t step, float* velocity, float* p);
/* Adam (Kingma and Ba 2015), step counted from 1; decoupled: AdamW (Loshchilov and Hutter 2019). */
SP_EXPORT int32_t sp_adam(sp_device* device, int64_t length, const float* gradient, float learning_rate, float beta1,
                          float beta2, float stabilizer, float weight_decay, int32_t decoupled, int64_t step, float* m,
                          float* v, float* p);

/* ---- data ---- */

/* out[i] = source[indices[i]], rows of d; bytes become k/255 (correctly rounded). */
SP_EXPORT int32_t sp_gather_bytes(sp_device* device, int64_t n, int64_t d, const uint8_t* source,
                                  const int32_t* indices, float* out);
SP_EXPORT int32_t sp_gather_floats(sp_device* device, int64_t n, int64_t d, const float* source,
                                   const int32_t* indices, float* out);
SP_EXPORT int32_t sp_gather_ints(sp_device* device, int64_t n, const int32_t* source, const int32_t* indices,
                                 int32_t* out);
/* out[0] = sum of x: chunks of 32 in order, then the chunks in order, accumulated in double. */
SP_EXPORT int32_t sp_copy(sp_device* device, int64_t bytes, const void* source, void* target);
SP_EXPORT int32_t sp_sum(sp_device* device, int64_t length, const float* x, float* out);

#if defined(__cplusplus)
}
#endif
#endif
