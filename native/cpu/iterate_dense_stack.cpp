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

class Tile {
public:
    Tile(const IterateDenseStack& a, int64_t row, int64_t rows)
        : loop_(*a.loop), stack_{a.layers, a.stack, row, rows, a.stack[0].forward_bf16 != nullptr}, d_(a.stack[0].in), at_(row * d_) {}

    void run() const {
        const int32_t* labels = loop_.labels + stack_.row;
        float* losses = loop_.keep != 0 ? loop_.losses + stack_.row : nullptr;
        start();
        for (int32_t k = 0; k < loop_.steps; ++k) {
            stack_.forward(loop_.x + at_);
            stack_.loss(loop_.loss, labels, loop_.targeted != 0 ? -1.0f : 1.0f, 1, losses, stack_.logit_gradient());
            if (loop_.keep != 0) {
                keep(k);
                if (all_beaten()) {
                    return;
                }
            }
            stack_.backward();
            step();
        }
        if (loop_.keep != 0) {
            stack_.forward(loop_.x + at_);
            stack_.loss(loop_.loss, labels, 1.0f, 0, losses, nullptr);
            keep(loop_.steps);
        }
    }

private:
    template <class T>
    T* rows_of(T* base) const {
        return base == nullptr ? nullptr : base + stack_.row;
    }

    void start() const {
        if (loop_.random_start != 0) {
            random_start(RandomStart{loop_.norm, d_, loop_.origin + at_, loop_.indices + stack_.row, loop_.epsilon,
                                     loop_.seed, loop_.stream, loop_.restart, loop_.x + at_},
                         0, stack_.rows);
        } else {
            std::memcpy(loop_.x + at_, loop_.origin + at_, sizeof(float) * static_cast<size_t>(stack_.rows * d_));
        }
    }

    void keep(int32_t step) const {
        keep_iterate(KeepIterate{d_, stack_.last().out, loop_.x + at_, stack_.logits(), loop_.labels + stack_.row,
                                 loop_.losses + stack_.row, loop_.targeted, step, loop_.best_x + at_,
                                 loop_.best_objective + stack_.row, loop_.beaten + stack_.row},
                     0, stack_.rows);
    }

    void step() const {
        const sp_dense_layer& first = stack_.first();
        const float* dy = first.gradient + stack_.row * first.out;
        const int32_t* beaten = rows_of(loop_.beaten);
        int32_t* zeros = rows_of(loop_.zero_gradients);
        const uint16_t* dy16 = stack_.bf16 ? stack_.rounded_gradient(first) : nullptr;
        if (loop_.norm == SP_LINF) {
            dense_linf_step(DenseLinfStep{stack_.rows, d_, first.out, dy, first.w, loop_.origin + at_,
                                          loop_.step_size, loop_.epsilon, beaten, zeros, loop_.x + at_, dy16,
                                          first.backward_bf16},
                            0, stack_.rows);
            return;
        }
        float* gradient = loop_.gradient + at_;
        dense_input_gradient(DenseInputGradient{stack_.rows, d_, first.out, dy, first.w, nullptr, SP_IDENTITY, 0.0f,
                                                gradient, false, dy16, first.backward_bf16},
                             0, stack_.rows);
        const Step step{d_,     gradient, loop_.origin + at_, loop_.step_size, loop_.epsilon, loop_.top,
                        beaten, zeros,    loop_.x + at_};
        loop_.norm == SP_L2 ? l2_step(step, 0, stack_.rows) : l1_step(step, 0, stack_.rows);
    }

    bool all_beaten() const {
        const int32_t* beaten = loop_.beaten + stack_.row;
        return std::all_of(beaten, beaten + stack_.rows, [](int32_t step) { return step >= 0; });
    }

    const sp_loop& loop_;
    StackRows stack_;
    int64_t d_;
    int64_t at_;  // where this tile's inputs begin
};

}  // namespace

void iterate_dense_stack(const IterateDenseStack& a, int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row += a.tile) {
        Tile(a, row, std::min(a.tile, end - row)).run();
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
