// The whole attack of a stack of dense layers in one launch: K steps of projected gradient descent (Madry et al. 2018) under
// L-inf, L2 or L1, from the originals or a random start, the last iterate or the best. Examples do not depend on one
// another while weights are fixed: a block takes a tile of T examples through the start and all steps, and blocks never meet.
//
// All arguments are one struct by value (pgd_mlp/parameters.cuh: shapes, and what may be null). Inputs, activations and deltas
// stay in shared memory, float32; a delta replaces the output it belongs to. The original input is read again in each step.
// Weights stay in shared memory as far as the plan says, and otherwise stream from the second-level cache in chunks, by
// cp.async into two stages (chunks.cuh). Under L-inf the last product's epilogue makes the step in registers, and the
// gradient at the input is never written; under L2 and L1 its rows are collected and a warp steps each (prelude/step.cuh).
//
// The results are those of the operations one after another: random_start (or a copy), then each step dense_forward, a loss with
// rescaled gradient, keep_iterate, dense_input_gradient down to the input and the norm's step; with keep the last iterate is
// passed forward and kept as well. A beaten example is frozen, and a block whose examples are all beaten ends. float32: the
// same bits as that path, each output one chain of fmaf (product_float32.cuh). tf32, bf16: operands of products are rounded,
// each output one chain of mma.sync; all else is float32 (product_mma.cuh). Tile, block, chunks and what is resident
// are the launcher's choice (PgdMlpPlan.java: by layer widths, norm, precision and shared memory alone) and do not show in
// the bits; nor do n and the other examples.
//
// Preconditions: those of parameters.cuh; widths at least 1, d * n any; origin in [0,1]; n >= 1; kernels of this file need
// more shared memory than is granted unasked (cuFuncSetAttribute).
// Launch: block 256 (or fewer whole warps, where the plan was made for that); grid ceil(n / T); the plan's shared bytes.
//
// Roofline on paper; nothing here was measured. With M = sum of in * out:
//   operations      4 M an example and step (forward 2 M, back 2 M), 0 for weight gradients
//   least bytes     from device memory, once an attack: weights, 4 M (bf16: 4 M for two copies), and 8 d an example
//   as written      the same from device memory; from the second-level cache, for each block and step, both passes over the
//                   weights that are not resident (at most 8 M bytes; bf16 4 M) and 4 d T of originals (in L1 where T is small)
//   intensity       towards device memory M K / d operations a byte and more: never the limit. Towards the second-level cache
//                   T / 2 operations a byte at T examples a block (bf16: T): 4 at float32's T = 8, 8 or 16 on tensor cores
//                   with T = 16, before what is resident.
//   limits          H100 SXM: 67 TFLOP/s f32, 495 tf32, 990 bf16, 5.5 TB/s L2, 132 multiprocessors: a multiprocessor has
//                   0.51 TFLOP/s of f32 and 42 GB/s of cache with all at work, perhaps 70 with few. RTX 4090: 82.6, 82.6,
//                   165, about 5 TB/s, 128. So float32 at T = 8 sits where both meet; tf32 and bf16 are bound by the cache.
//   aim             60 % of the multiprocessor's fmaf rate in float32; on tensor cores 60 % of its share of the cache.
//
// H100, L-inf, microseconds a step, 2.5 us a launch in the layered graph of 2 L + 1 (assumed), 0.6 us between products:
//                     T  bytes a    n = 32            n = 256            n = 4096           layered path at
//                        block, MB  SMs  L2 MB  us    SMs  L2 MB  us     SMs  L2 MB  us     32   256  4096
//   A  float32        8  0.60         4      2   14    32     19   14    132    308    70    15    15    54
//   784-128-10  tf32 16  0.60         2      1   12    16     10   12    132    154    35    15    15    26
//   K = 4       bf16 16  0.30         2      1    7    16      5    7    132     76    20    14    14    19
//   B  float32        8  4.06         4     16   62    32    130   62    132   2080   407    24    31   236
//   784-512-256-10   16  4.19 tf32    2      8   64    16     67   64    132   1074   210    23    23    88
//   K = 10           16  2.08 bf16    2      4   34    16     33   34    132    533   108    20    20    53
//   C  float32        8  6.32         4     25   93    32    202   93    132   3237   619    21    33   344
//   784-1024-10      16  6.40 tf32    2     13   94    16    102   94    132   1639   313    20    20   120
//   K = 40           16  3.22 bf16    2      6   49    16     52   49    132    825   161    16    16    66
// (An attack takes K of these; keep adds half a step. RTX 4090, 99 KB of shared memory, so T = 8 everywhere: A 0.80 MB, 11 us
// in float32 at 32 and 256, 94 at 4096 where the layered graph takes 15 and 46; B 48 and 455 against 22 to 29 and 194;
// C 70 and 678 against 18 to 29 and 281.)
//
// What follows from it: the fused path wins where launches are what the layered graph is made of, which is narrow stacks at
// batches up to some hundreds; a wide layer is streamed once a tile, by as many multiprocessors as there are tiles, where the
// layered kernels have them all to share it. The plan compares the two at a batch of 256 on an H100, so widths decide, not n:
// A goes fused, B and C layered. That A's large batches are better off layered is the price of bits that do not
// depend on the batch.
#include "prelude.cuh"

#include "pgd_mlp/product_float32.cuh"
#include "pgd_mlp/product_mma.cuh"

// Threads, and blocks a multiprocessor: shared memory has no room for a second one, so no registers are kept for it.
#define PGD_BLOCK 256, 1

namespace {

// The row functions' double-precision code once for all three kernels, away from the products' registers.
DEVICE_APART void start_one(int norm, int start, int d, const float* origin, int index, float epsilon, unsigned long long seed,
                            unsigned stream, unsigned restart, float* x) {
    start_row(norm, start, d, origin, index, epsilon, seed, stream, restart, x);
}
DEVICE_APART bool step_one(int norm, int d, const float* gradient, const float* origin, float step_size, float epsilon, int top,
                           unsigned* scratch, float* x) {
    return norm == kL2 ? l2_step_row(d, gradient, origin, step_size, epsilon, x)
                       : l1_step_row(d, gradient, origin, step_size, epsilon, top, scratch, x);
}

// What is known of the tile's examples.
struct PgdExamples {
    int label[kPgdTile];
    int zeros[kPgdTile];       // steps in which the whole gradient was zero
    int beaten[kPgdTile];      // the step that beat it; -1: none yet, and it is moved
    float objective[kPgdTile]; // of the best iterate
    float loss[kPgdTile];
    unsigned moved;            // a bit for each example of which some gradient of this step was not zero
};

// The tile of one block, and the phases of its attack. Phases end with a barrier where the next one needs it.
template <PgdPrecision precision>
class PgdBlock {
public:
    DEVICE PgdBlock(const PgdMlp& p, float* shared, PgdExamples& examples)
        : p_(p), shared_(shared), examples_(examples), d_(p.layer[0].in), first_(static_cast<int>(blockIdx.x) * p.tile),
          rows_(min(p.tile, p.n - first_)) {}

    // Reads the examples' state; false if none of them is to be moved and nothing is left to be done.
    DEVICE bool begin() {
        const int i = static_cast<int>(threadIdx.x);
        bool active = false;
        if (i < p_.tile) {
            const bool there = i < rows_;
            examples_.label[i] = there ? p_.labels[first_ + i] : 0;
            examples_.zeros[i] = 0;
            examples_.beaten[i] = !there ? 0 : p_.beaten == nullptr ? -1 : p_.beaten[first_ + i];
            examples_.objective[i] = there && p_.keep != 0 ? p_.best_objective[first_ + i] : 0.0f;
            active = examples_.beaten[i] < 0;
        }
        if (i == 0) {
            examples_.moved = 0;
        }
        return __syncthreads_or(active) != 0;
    }

    // Zeros wherever products read beyond a row's end, and rows beyond the batch.
    DEVICE void clear() {
        clear_rows(p_.x_rows, p_.x_pitch, d_);
        for (int i = 0; i < p_.layers; ++i) {
            clear_rows(p_.layer[i].output, p_.layer[i].output_pitch, p_.layer[i].out);
        }
        clear_rows(p_.logit_gradient, p_.logit_pitch, classes());
    }

    DEVICE void start() {
        for (int row = warp(); row < rows_; row += warps()) {
            float* x = x_row(row);
            const float* origin = origin_row(row);
            if (p_.start != kStartOriginal) {
                start_one(p_.norm, p_.start, d_, origin, p_.indices[first_ + row], p_.epsilon, p_.seed,
                          stream_of(p_.stream, p_.cursor), p_.restart, x);
            } else {
                for (int j = warp_lane(); j < d_; j += kWarp) {
                    x[j] = origin[j];
                }
            }
        }
    }

    DEVICE void forward(PgdChunks<precision>& chunks) {
        const float* input = shared_ + p_.x_rows;
        int pitch = p_.x_pitch;
        for (int i = 0; i < p_.layers; ++i) {
            const PgdMlpLayer& layer = p_.layer[i];
            float* output = shared_ + layer.output;
            const bool late = layer.activation >= kTanh;  // dearer than a product's epilogue should be
            const int inline_activation = late ? kIdentity : layer.activation;
            tile_product<false>(PgdProduct<precision>(p_, i), chunks, shared_, p_.tile, input, pitch,
                                [&](int feature, int example, float sum) {
                                    const float v = sum + __ldg(layer.b + feature);
                                    output[example * layer.output_pitch + feature] =
                                            inline_activation == kIdentity || v > 0 ? v
                                            : inline_activation == kRelu            ? 0.0f
                                                                                    : layer.slope * v;
                                });
            __syncthreads();
            if (late) {
                for (int row = warp(); row < rows_; row += warps()) {
                    float* y = output + row * layer.output_pitch;
                    for (int j = warp_lane(); j < layer.out; j += kWarp) {
                        y[j] = activate(layer.activation, layer.slope, y[j]);
                    }
                }
                __syncthreads();
            }
            input = output;
            pitch = layer.output_pitch;
        }
    }

    // Losses, kept iterates and the gradient at the logits; returns whether any example is left to be moved.
    DEVICE bool judge(int step) {
        const PgdMlpLayer& last = p_.layer[p_.layers - 1];
        bool active = false;
        for (int row = warp(); row < rows_; row += warps()) {
            if (examples_.beaten[row] >= 0) {
                continue;  // its gradient stays what it was: nobody looks at it
            }
            const float* z = shared_ + last.output + row * last.output_pitch;
            float* gradient = shared_ + p_.logit_gradient + row * p_.logit_pitch;
            const float factor = p_.targeted != 0 ? -1.0f : 1.0f;
            float* loss = p_.keep != 0 ? &examples_.loss[row] : nullptr;
            switch (p_.loss) {
                case kMeanSquaredError:
                    mean_squared_error_row(last.out, z, examples_.label[row], factor, loss, gradient);
                    break;
                case kMarginLoss: margin_row(last.out, z, examples_.label[row], factor, loss, gradient); break;
                default:
                    softmax_cross_entropy_row(last.out, z, examples_.label[row], factor, 1, loss, gradient);
                    break;
            }
            if (last.activation != kIdentity) {
                for (int j = warp_lane(); j < last.out; j += kWarp) {
                    gradient[j] = activation_derivative(last.activation, last.slope, z[j], gradient[j]);
                }
            }
            active |= p_.keep == 0 || !keep(row, step, z);
        }
        return __syncthreads_or(active) != 0;
    }

    // From the gradient at the logits to the step of x: each layer's delta replaces its output; under L-inf the gradient at
    // the input is never written.
    DEVICE void backward(PgdChunks<precision>& chunks) {
        const float* delta = shared_ + p_.logit_gradient;
        int pitch = p_.logit_pitch;
        unsigned moved = 0;
        for (int i = p_.layers - 1; i >= 0; --i) {
            const PgdMlpLayer& before = p_.layer[i > 0 ? i - 1 : 0];
            float* output = shared_ + (i > 0 ? before.output : p_.norm == kLinf ? p_.x_rows : p_.gradient);
            const int output_pitch = i > 0 ? before.output_pitch : p_.x_pitch;
            tile_product<true>(PgdProduct<precision>(p_, 2 * p_.layers - 1 - i), chunks, shared_, p_.tile, delta, pitch,
                               [&](int feature, int example, float sum) {
                                   float* y = output + example * output_pitch + feature;
                                   if (i > 0) {
                                       *y = activation_derivative(before.activation, before.slope, *y, sum);
                                   } else if (p_.norm != kLinf) {
                                       *y = sum;
                                   } else if (examples_.beaten[example] < 0) {
                                       moved |= (sum != 0.0f ? 1u : 0u) << example;
                                       *y = linf_stepped(*y, sum, __ldg(origin_row(example) + feature), p_.step_size,
                                                         p_.epsilon);
                                   }
                               });
            __syncthreads();
            delta = output;
            pitch = output_pitch;
        }
        if (p_.norm != kLinf) {
            step_rows();
        } else if (p_.zero_gradients != nullptr) {
            count_zeros(moved);
        }
        __syncthreads();
    }

    DEVICE void finish() {
        if (p_.keep == 0) {
            for (int row = warp(); row < rows_; row += warps()) {
                const float* x = x_row(row);
                float* to = p_.x + global(row);
                for (int j = warp_lane(); j < d_; j += kWarp) {
                    to[j] = x[j];
                }
            }
        }
        const int i = static_cast<int>(threadIdx.x);
        if (i < rows_) {
            if (p_.zero_gradients != nullptr && examples_.zeros[i] != 0) {
                p_.zero_gradients[first_ + i] += examples_.zeros[i];
            }
            if (p_.keep != 0) {
                p_.best_objective[first_ + i] = examples_.objective[i];
                p_.beaten[first_ + i] = examples_.beaten[i];
            }
        }
    }

private:
    DEVICE static int warp() { return static_cast<int>(threadIdx.x) / kWarp; }
    DEVICE static int warps() { return static_cast<int>(blockDim.x) / kWarp; }
    DEVICE int classes() const { return p_.layer[p_.layers - 1].out; }
    DEVICE float* x_row(int row) const { return shared_ + p_.x_rows + row * p_.x_pitch; }
    DEVICE size_t global(int row) const { return static_cast<size_t>(first_ + row) * static_cast<size_t>(d_); }
    DEVICE const float* origin_row(int row) const { return p_.origin + global(row); }

    // Columns from `width` on, and all of rows that are not there.
    DEVICE void clear_rows(int offset, int pitch, int width) {
        for (int row = warp(); row < p_.tile; row += warps()) {
#pragma unroll 1
            for (int j = (row < rows_ ? width : 0) + warp_lane(); j < pitch; j += kWarp) {
                shared_[offset + row * pitch + j] = 0.0f;
            }
        }
    }

    // Keeps the iterate where it is better (a warp on a row); whether the example is beaten. See keep_iterate.
    DEVICE bool keep(int row, int step, const float* z) {
        const bool hit = arg_max_row(classes(), z, -1) == examples_.label[row];
        const bool success = hit == (p_.targeted != 0);
        const float objective = p_.targeted != 0 ? -examples_.loss[row] : examples_.loss[row];
        const bool better = success || objective > examples_.objective[row];
        __syncwarp();
        if (better) {
            float* best = p_.best_x + global(row);
            for (int j = warp_lane(); j < d_; j += kWarp) {
                best[j] = x_row(row)[j];
            }
        }
        if (warp_lane() == 0 && better) {
            examples_.objective[row] = objective;
            examples_.beaten[row] = success ? step : -1;
        }
        return success;
    }

    // Each thread's bits say which examples it saw a gradient of that was not zero.
    DEVICE void count_zeros(unsigned moved) {
#pragma unroll
        for (int offset = kWarp / 2; offset > 0; offset /= 2) {
            moved |= __shfl_xor_sync(kAllLanes, moved, offset);
        }
        if (warp_lane() == 0 && moved != 0) {
            atomicOr(&examples_.moved, moved);
        }
        __syncthreads();
        const int i = static_cast<int>(threadIdx.x);
        if (i < rows_ && examples_.beaten[i] < 0 && (examples_.moved >> i & 1u) == 0) {
            ++examples_.zeros[i];
        }
        __syncthreads();
        if (i == 0) {
            examples_.moved = 0;
        }
    }

    // L2 and L1: a warp on a row.
    DEVICE void step_rows() {
        for (int row = warp(); row < rows_; row += warps()) {
            if (examples_.beaten[row] >= 0) {
                continue;
            }
            const float* gradient = shared_ + p_.gradient + row * p_.x_pitch;
            unsigned* scratch = reinterpret_cast<unsigned*>(shared_ + p_.scratch + warp() * kSelectWords);
            const bool moved = step_one(p_.norm, d_, gradient, origin_row(row), p_.step_size, p_.epsilon, p_.top, scratch,
                                        x_row(row));
            if (!moved && warp_lane() == 0) {
                ++examples_.zeros[row];
            }
        }
    }

    const PgdMlp& p_;
    float* const shared_;
    PgdExamples& examples_;
    const int d_;
    const int first_;
    const int rows_;
};

template <PgdPrecision precision>
DEVICE void attack(const PgdMlp& p, float* shared, PgdExamples& examples) {
    PgdBlock<precision> block(p, shared, examples);
    const bool any = block.begin();
    if (!any && p.keep != 0) return;
    block.clear();
    block.start();
    if (any) {
        PgdChunks<precision> chunks(p, shared);
        PgdChunks<precision>::drain();
        for (int step = 0; step < p.steps + (p.keep != 0 ? 1 : 0); ++step) {
            block.forward(chunks);
            if (!block.judge(step) || step == p.steps) {
                break;
            }
            block.backward(chunks);
        }
        PgdChunks<precision>::drain();
    }
    block.finish();
}

}  // namespace

KERNEL(PGD_BLOCK) pgd_mlp(const PgdMlp p) {
    DYN_SHARED(float, shared);
    __shared__ PgdExamples examples;
    attack<kPgdFloat32>(p, shared, examples);
}
KERNEL_EXPORT(pgd_mlp)

KERNEL(PGD_BLOCK) pgd_mlp_tf32(const PgdMlp p) {
    DYN_SHARED(float, shared);
    __shared__ PgdExamples examples;
    attack<kPgdTf32>(p, shared, examples);
}
KERNEL_EXPORT(pgd_mlp_tf32)

KERNEL(PGD_BLOCK) pgd_mlp_bf16(const PgdMlp p) {
    DYN_SHARED(float, shared);
    __shared__ PgdExamples examples;
    attack<kPgdBf16>(p, shared, examples);
}
KERNEL_EXPORT(pgd_mlp_bf16)
