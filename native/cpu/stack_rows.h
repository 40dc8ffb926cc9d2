// A tile of rows going through a stack of dense layers, forward and backward: what the fused attack loop and the fused
// weight update share. Composed of the layered path's own kernels on the tile's rows, so its bits are theirs.
#pragma once

#include "activation.h"
#include "bf16.h"
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

struct StackRows {
    int32_t layers;
    const sp_dense_layer* stack;
    int64_t row, rows;
    bool bf16;  // products of bfloat16 operands

    const sp_dense_layer& first() const { return stack[0]; }
    const sp_dense_layer& last() const { return stack[layers - 1]; }
    const float* logits() const { return last().output + row * last().out; }
    float* logit_gradient() const { return last().gradient + row * last().out; }

    // From x, the inputs of this tile's rows.
    void forward(const float* x) const {
        const float* input = x;
        for (int32_t i = 0; i < layers; ++i) {
            const sp_dense_layer& l = stack[i];
            float* output = l.output + row * l.out;
            DenseForward a{rows, l.in, l.out, input, l.prepared, l.b, l.activation, l.slope, output, false};
            if (bf16) {
                uint16_t* rounded = l.input_bf16 + row * bf16_row(l.in);
                bf16_rows(rows, l.in, input, rounded);
                a.x16 = rounded;
                a.w16 = l.forward_bf16;
            }
            dense_forward(a, 0, rows);
            input = output;
        }
    }

    // The loss of each row, or NULL, and its gradient with respect to what the last layer computes, or NULL; labels of
    // this tile's rows.
    void loss(int32_t kind, const int32_t* labels, float factor, int32_t rescaled, float* losses,
              float* gradient) const {
        const LossFromLogits loss{last().out, logits(), labels, factor, rescaled, losses, gradient};
        switch (kind) {
            case SP_MEAN_SQUARED_ERROR: mean_squared_error(loss, 0, rows); break;
            case SP_MARGIN_LOSS: margin(loss, 0, rows); break;
            default: softmax_cross_entropy(loss, 0, rows); break;
        }
        if (gradient != nullptr && last().activation != SP_IDENTITY) {
            activation_derivative(last().activation, last().slope, rows * last().out, logits(), gradient, gradient);
        }
    }

    // This tile's gradient at a layer, as bfloat16 rows.
    const uint16_t* rounded_gradient(const sp_dense_layer& l) const {
        uint16_t* rounded = l.gradient_bf16 + row * bf16_row(l.out);
        bf16_rows(rows, l.out, l.gradient + row * l.out, rounded);
        return rounded;
    }

    // From the logit gradient down to the first layer's.
    void backward() const {
        for (int32_t i = layers - 1; i > 0; --i) {
            const sp_dense_layer& l = stack[i];
            const sp_dense_layer& before = stack[i - 1];
            DenseInputGradient a{rows, l.in, l.out, l.gradient + row * l.out, l.w, before.output + row * l.in,
                                 before.activation, before.slope, before.gradient + row * l.in, false};
            if (bf16) {
                a.dy16 = rounded_gradient(l);
                a.w16 = l.backward_bf16;
            }
            dense_input_gradient(a, 0, rows);
        }
    }
};

}  // namespace sp::SP_LEVEL_NAMESPACE
