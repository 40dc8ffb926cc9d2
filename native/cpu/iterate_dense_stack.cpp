// The whole K-step attack loop over a stack of dense layers. Examples do not depend on one another while the weights are
// fixed, so a tile of them goes through random start and all K steps while its rows stay in the core's cache; threads
// never wait for one another. It is the composition of the layered path's own kernels on the tile's rows, so its bits are
// theirs.
//
// What limits it: 4 M multiply-adds an example and step (M of a forward pass), against weights read once a tile, step and
// direction from the second-level cache; at 64 examples a tile that is 32 operations a byte, so the multiply-add units.
#include <algorithm>
#include <cstring>

#include "activation.h"
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

namespace {

// The rows [row, row + rows) of a loop.
struct Tile {
    const IterateDenseStack& a;
    const sp_loop& loop;
    int64_t row, rows;
    int64_t d, c;

    float* x() const { return loop.x + row * d; }
    const sp_dense_layer& last() const { return a.stack[a.layers - 1]; }

    template <class T>
    T* rows_of(T* base, int64_t width) const {
        return base == nullptr ? nullptr : base + row * width;
    }

    void start() const {
        if (loop.random_start != 0) {
            random_start(RandomStart{loop.norm, d, loop.origin + row * d, loop.indices + row, loop.epsilon, loop.seed,
                                     loop.stream, loop.restart, x()},
                         0, rows);
        } else {
            std::memcpy(x(), loop.origin + row * d, sizeof(float) * static_cast<size_t>(rows * d));
        }
    }

    void forward() const {
        const float* input = x();
        for (int32_t i = 0; i < a.layers; ++i) {
            const sp_dense_layer& l = a.stack[i];
            float* output = l.output + row * l.out;
            dense_forward(DenseForward{rows, l.in, l.out, input, l.prepared, l.b, l.activation, l.slope, output, false},
                          0, rows);
            input = output;
        }
    }

    // The loss of each row, or NULL, and its gradient with respect to what the last layer computes, or NULL.
    void loss_gradient(float factor, int32_t rescaled, float* losses, float* gradient) const {
        const sp_dense_layer& l = last();
        const float* z = l.output + row * c;
        const LossFromLogits loss{c, z, loop.labels + row, factor, rescaled, losses, gradient};
        switch (loop.loss) {
            case SP_MEAN_SQUARED_ERROR: mean_squared_error(loss, 0, rows); break;
            case SP_MARGIN_LOSS: margin(loss, 0, rows); break;
            default: softmax_cross_entropy(loss, 0, rows); break;
        }
        if (gradient != nullptr && l.activation != SP_IDENTITY) {
            activation_derivative(l.activation, l.slope, rows * c, z, gradient, gradient);
        }
    }

    void keep(int32_t step) const {
        keep_iterate(KeepIterate{d, c, x(), last().output + row * c, loop.labels + row, loop.losses + row,
                                 loop.targeted, step, loop.best_x + row * d, loop.best_objective + row,
                                 loop.beaten + row},
                     0, rows);
    }

    void backward() const {
        for (int32_t i = a.layers - 1; i > 0; --i) {
            const sp_dense_layer& l = a.stack[i];
            const sp_dense_layer& before = a.stack[i - 1];
            dense_input_gradient(DenseInputGradient{rows, l.in, l.out, l.gradient + row * l.out, l.w,
                                                    before.output + row * l.in, before.activation, before.slope,
                                                    before.gradient + row * l.in, false},
                                 0, rows);
        }
    }

    void step() const {
        const sp_dense_layer& first = a.stack[0];
        const float* dy = first.gradient + row * first.out;
        const int32_t* beaten = rows_of(loop.beaten, 1);
        int32_t* zeros = rows_of(loop.zero_gradients, 1);
        if (loop.norm == SP_LINF) {
            dense_linf_step(DenseLinfStep{rows, d, first.out, dy, first.w, loop.origin + row * d, loop.step_size,
                                          loop.epsilon, beaten, zeros, x()},
                            0, rows);
            return;
        }
        float* gradient = loop.gradient + row * d;
        dense_input_gradient(DenseInputGradient{rows, d, first.out, dy, first.w, nullptr, SP_IDENTITY, 0.0f, gradient,
                                                false},
                             0, rows);
        const Step step{d, gradient, loop.origin + row * d, loop.step_size, loop.epsilon, loop.top, beaten, zeros, x()};
        loop.norm == SP_L2 ? l2_step(step, 0, rows) : l1_step(step, 0, rows);
    }

    bool all_beaten() const {
        return loop.beaten != nullptr
               && std::all_of(loop.beaten + row, loop.beaten + row + rows, [](int32_t step) { return step >= 0; });
    }

    void run() const {
        float* losses = loop.keep != 0 ? loop.losses + row : nullptr;
        start();
        for (int32_t k = 0; k < loop.steps; ++k) {
            forward();
            loss_gradient(loop.targeted != 0 ? -1.0f : 1.0f, 1, losses, last().gradient + row * c);
            if (loop.keep != 0) {
                keep(k);
                if (all_beaten()) {
                    return;
                }
            }
            backward();
            step();
        }
        if (loop.keep != 0) {
            forward();
            loss_gradient(1.0f, 0, losses, nullptr);
            keep(loop.steps);
        }
    }
};

}  // namespace

void iterate_dense_stack(const IterateDenseStack& a, int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row += a.tile) {
        Tile{a, *a.loop, row, std::min(a.tile, end - row), a.stack[0].in, a.stack[a.layers - 1].out}.run();
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
