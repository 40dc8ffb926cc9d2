// The weight update of a stack of dense layers in two passes with one barrier between them. First every tile of rows runs
// forward and backward. Then every panel of weight columns has one owner, who sums its gradient over the examples in index
// order, moves the weights, and packs them for the next forward pass while they are in the cache.
#include <algorithm>

#include "adam.h"
#include "gemm.h"
#include "pack.h"
#include "sgd.h"
#include "stack_rows.h"

namespace sp::SP_LEVEL_NAMESPACE {

void update_dense_stack_rows(const UpdateDenseStack& a, int64_t begin, int64_t end) {
    const sp_update& u = *a.update;
    for (int64_t row = begin; row < end; row += a.tile) {
        const StackRows tile{a.layers, a.stack, row, std::min(a.tile, end - row), false};
        tile.forward(u.x + row * tile.first().in);
        tile.loss(u.loss, u.labels + row, u.factor, 0, u.losses + row, tile.logit_gradient());
        arg_max(ArgMax{tile.last().out, tile.logits(), u.predictions + row}, 0, tile.rows);
        tile.backward();
    }
}

namespace {

// Moves `count` parameters at p, which lie in the update's flat array, by their gradients. To be copied where it is used
// for every vector: then what it reads stays in registers.
struct Mover {
    int32_t optimizer;
    SgdFactors sgd;
    AdamFactors adam;
    float *parameters, *m, *v;

    explicit Mover(const UpdateDenseStack& a)
        : optimizer(a.update->optimizer), sgd(a.sgd), adam(a.adam), parameters(a.update->parameters), m(a.update->m),
          v(a.update->v) {}

    template <class Count>
    void operator()(Count count, const float* gradient, float* p) const {
        const int64_t at = p - parameters;
        if (optimizer == SP_ADAM) {
            adam_run(adam, count, gradient, m + at, v + at, p);
        } else {
            sgd_run(sgd, count, gradient, m == nullptr ? nullptr : m + at, p);
        }
    }
};

void move_bias(const UpdateDenseStack& a, const sp_dense_layer& l) {
    for (int64_t first = 0; first < l.out; first += kTile) {
        float sums[kTile] = {};
        const int64_t count = std::min<int64_t>(kTile, l.out - first);
        for (int64_t i = 0; i < a.update->n; ++i) {
            for (int64_t j = 0; j < count; ++j) {
                sums[j] += l.gradient[i * l.out + first + j];
            }
        }
        Mover{a}(count, sums, l.b + first);
    }
}

// Packs the inputs of one panel of columns of W, as dense_prepare and dense_prepare_bf16 do all of them.
void pack(const sp_dense_layer& l, int64_t panel, int64_t first, int64_t count) {
    for (int64_t p = 0; p * kPanel < l.out; ++p) {
        pack_panel(l.in, l.out, l.w, p, first, count, l.prepared);
        if (l.forward_bf16 != nullptr) {
            bf16_pack_forward(l.in, l.out, l.w, p, first, count, l.forward_bf16);
        }
    }
    if (l.backward_bf16 != nullptr) {
        bf16_pack_backward(l.in, l.out, l.w, panel, l.backward_bf16);
    }
}

}  // namespace

void update_dense_stack_weights(const UpdateDenseStack& a, int64_t begin, int64_t end) {
    int64_t unit = 0;
    for (int32_t i = 0; i < a.layers; ++i) {
        const sp_dense_layer& l = a.stack[i];
        const float* x = i == 0 ? a.update->x : a.stack[i - 1].output;
        const int64_t panels = (l.in + kPanel - 1) / kPanel;
        for (int64_t panel = std::max<int64_t>(0, begin - unit); panel < std::min(panels, end - unit); ++panel) {
            const int64_t first = panel * kPanel;
            const int64_t count = std::min(kPanel, l.in - first);
            product(Operands{a.update->n, l.gradient, 1, l.out, x, l.in}, 0, l.out, first, first + count,
                    [move = Mover(a), w = l.w, in = l.in](int64_t row, int64_t column, auto lanes, const float* sum) {
                        move(lanes, sum, w + row * in + column);
                    });
            pack(l, panel, first, count);
            if (panel == 0) {
                move_bias(a, l);
            }
        }
        unit += panels;
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
