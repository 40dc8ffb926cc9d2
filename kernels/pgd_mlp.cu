#include "prelude.cuh"

#include "pgd_mlp/product_float32.cuh"
#include "pgd_mlp/product_mma.cuh"

// Threads, and blocks a multiprocessor: shared memory has no room for a second one, so no registers are kept for it.
#define PGD_BLOCK 256, 1

namespace {

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
            if (p_.random_start != 0) {
                start_row(p_.norm, d_, origin, p_.indices[first_ + row], p_.epsilon, p_.seed,
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
            const bool late = layer.activation == kTanh || layer.activation == kSigmoid;
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
                        y[j] = layer.activation == kTanh ? tanh_of(y[j]) : sigmoid_of(y[j]);
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
            const bool moved = p_.norm == kL2
                    ? l2_step_row(d_, gradient, origin_row(row), p_.step_size, p_.epsilon, x_row(row))
                    : l1_step_row(d_, gradient, origin_row(row), p_.step_size, p_.epsilon, p_.top, scratch, x_row(row));
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
