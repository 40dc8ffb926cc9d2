// The whole K-step attack loop over a stack of dense layers. Examples do not depend on one another while the weights are
// fixed, so a tile of them goes through random start and all K steps while its rows stay in the core's cache; threads
// never wait for one another.
//
// What limits it: 4 M multiply-adds an example and step (M of a forward pass), against weights read once a tile, step and
// direction from the second-level cache; at 64 examples a tile that is 32 operations a byte, so the multiply-add units.
#include <algorithm>
#include <cstring>

#include "stack_rows.h"

namespace sp::SP_LEVEL_NAMESPACE {

namespace {

constexpr int64_t kLargestTile = 64;

// Rows of a batch: of the inputs, and of what is known of each example.
struct Rows {
    const sp_loop& loop;
    int64_t d;

    void start(int64_t row, int64_t rows, const float* origin, float* x) const {
        if (loop.start != SP_START_ORIGINAL) {
            random_start(RandomStart{loop.norm, loop.start, d, origin, loop.indices + row, loop.epsilon, loop.seed,
                                     loop.stream, loop.restart, x},
                         0, rows);
        } else {
            std::memcpy(x, origin, sizeof(float) * static_cast<size_t>(rows * d));
        }
    }

    // One step of x, rows of the tile, from the first layer's gradient.
    void step(const StackRows& stack, const float* origin, const int32_t* beaten, int32_t* zeros, float* x) const {
        const sp_dense_layer& first = stack.first();
        const float* dy = first.gradient + stack.row * first.out;
        const uint16_t* dy16 = stack.bf16 ? stack.rounded_gradient(first) : nullptr;
        if (loop.norm == SP_LINF) {
            dense_linf_step(DenseLinfStep{stack.rows, d, first.out, dy, first.w, origin, loop.step_size, loop.epsilon,
                                          beaten, zeros, x, dy16, first.backward_bf16},
                            0, stack.rows);
            return;
        }
        float* gradient = loop.gradient + stack.row * d;
        dense_input_gradient(DenseInputGradient{stack.rows, d, first.out, dy, first.w, nullptr, SP_IDENTITY, 0.0f,
                                                gradient, false, dy16, first.backward_bf16},
                             0, stack.rows);
        const Step step{d, gradient, origin, loop.step_size, loop.epsilon, loop.top, beaten, zeros, x};
        loop.norm == SP_L2 ? l2_step(step, 0, stack.rows) : l1_step(step, 0, stack.rows);
    }

    float factor() const { return loop.targeted != 0 ? -1.0f : 1.0f; }
};

// Training: all rows of a tile through all steps; only the last iterate matters.
void last_iterate(const IterateDenseStack& a, int64_t row, int64_t rows) {
    const Rows batch{*a.loop, a.stack[0].in};
    const sp_loop& loop = batch.loop;
    const StackRows stack{a.layers, a.stack, row, rows, a.stack[0].forward_bf16 != nullptr};
    const float* origin = loop.origin + row * batch.d;
    float* x = loop.x + row * batch.d;
    batch.start(row, rows, origin, x);
    for (int32_t k = 0; k < loop.steps; ++k) {
        stack.forward(x);
        stack.loss(loop.loss, loop.labels + row, batch.factor(), 1, nullptr, stack.logit_gradient());
        stack.backward();
        batch.step(stack, origin, loop.beaten == nullptr ? nullptr : loop.beaten + row,
                   loop.zero_gradients == nullptr ? nullptr : loop.zero_gradients + row, x);
    }
}

// Evaluation: an example occupies a slot of the tile until it is beaten or has made all its steps; then the slot goes to
// the next example. The tile's workspaces are those of rows [begin, begin + tile) of the batch.
class Slots {
public:
    Slots(const IterateDenseStack& a, int64_t begin, int64_t end)
        : a_(a), batch_{*a.loop, a.stack[0].in}, base_(begin), next_(begin), end_(end),
          size_(std::min(a.tile, end - begin)) {}

    void run() {
        const sp_loop& loop = batch_.loop;
        const int64_t d = batch_.d;
        float* x = loop.x + base_ * d;
        float* origins = loop.origins + base_ * d;
        float* losses = loop.losses + base_;
        for (;;) {
            while (active_ < size_ && next_ < end_) {
                occupy(next_++, x, origins);
            }
            if (active_ == 0) {
                return;
            }
            const StackRows stack{a_.layers, a_.stack, base_, active_, a_.stack[0].forward_bf16 != nullptr};
            stack.forward(x);
            stack.loss(loop.loss, labels_, batch_.factor(), 1, losses, stack.logit_gradient());
            bool stepping = false;
            for (int64_t s = 0; s < active_; ++s) {
                stepping |= keep(s, x, stack.logits(), losses);
            }
            if (stepping) {
                stack.backward();
                batch_.step(stack, origins, done_, zeros_, x);
            }
            for (int64_t s = 0; s < active_;) {
                if (done_[s] >= 0) {
                    vacate(s, x, origins);
                } else {
                    ++steps_[s++];
                }
            }
        }
    }

private:
    void occupy(int64_t row, float* x, float* origins) {
        const int64_t s = active_++;
        rows_[s] = row;
        labels_[s] = batch_.loop.labels[row];
        steps_[s] = 0;
        zeros_[s] = 0;
        done_[s] = -1;
        // A row that an earlier restart has beaten is never started.
        if (batch_.loop.beaten[row] >= 0) {
            --active_;
            return;
        }
        std::memcpy(origins + s * batch_.d, batch_.loop.origin + row * batch_.d, bytes());
        batch_.start(row, 1, origins + s * batch_.d, x + s * batch_.d);
    }

    // Keeps a slot's iterate where it is better; false if the example needs no further step.
    bool keep(int64_t s, const float* x, const float* logits, const float* losses) {
        const sp_loop& loop = batch_.loop;
        const int64_t row = rows_[s];
        const int64_t c = a_.stack[a_.layers - 1].out;
        keep_iterate(KeepIterate{batch_.d, c, x + s * batch_.d, logits + s * c, labels_ + s, losses + s, loop.targeted,
                                 steps_[s], loop.best_x + row * batch_.d, loop.best_objective + row,
                                 loop.beaten + row},
                     0, 1);
        done_[s] = loop.beaten[row] >= 0 || steps_[s] == loop.steps ? steps_[s] : -1;
        return done_[s] < 0;
    }

    // The last slot's example moves into this one.
    void vacate(int64_t s, float* x, float* origins) {
        batch_.loop.zero_gradients[rows_[s]] += zeros_[s];
        const int64_t last = --active_;
        if (s != last) {
            rows_[s] = rows_[last];
            labels_[s] = labels_[last];
            steps_[s] = steps_[last];
            zeros_[s] = zeros_[last];
            done_[s] = done_[last];
            std::memcpy(x + s * batch_.d, x + last * batch_.d, bytes());
            std::memcpy(origins + s * batch_.d, origins + last * batch_.d, bytes());
        }
    }

    size_t bytes() const { return sizeof(float) * static_cast<size_t>(batch_.d); }

    const IterateDenseStack& a_;
    const Rows batch_;
    const int64_t base_;
    int64_t next_;
    const int64_t end_;
    const int64_t size_;
    int64_t active_ = 0;
    int64_t rows_[kLargestTile];
    int32_t labels_[kLargestTile];
    int32_t steps_[kLargestTile];
    int32_t zeros_[kLargestTile];
    int32_t done_[kLargestTile];
};

}  // namespace

void iterate_dense_stack(const IterateDenseStack& a, int64_t begin, int64_t end) {
    if (a.loop->keep != 0) {
        Slots(a, begin, end).run();
        return;
    }
    for (int64_t row = begin; row < end; row += a.tile) {
        last_iterate(a, row, std::min(a.tile, end - row));
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
