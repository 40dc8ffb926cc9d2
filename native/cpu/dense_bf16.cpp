// Dense products of bfloat16 operands, from float32 arrays: both operands are rounded here, the weights unless they come
// prepared. The products are those of dense_forward.cpp and its neighbours.
#include "bf16.h"
#include "scratch.h"

namespace sp::SP_LEVEL_NAMESPACE {

namespace {

int64_t forward_elements(int64_t in, int64_t out) {
    return (out + kPanel - 1) / kPanel * kPanel * bf16_row(in);
}

int64_t backward_elements(int64_t in, int64_t out) {
    return (in + kPanel - 1) / kPanel * kPanel * bf16_row(out);
}

// Working memory for `elements` of two bytes; NULL, and said so, where there is none.
uint16_t* working(int64_t elements, int32_t* status) {
    void* memory = scratch(elements * static_cast<int64_t>(sizeof(uint16_t)));
    if (memory == nullptr) {
        __atomic_store_n(status, SP_OUT_OF_MEMORY, __ATOMIC_RELAXED);
    }
    return static_cast<uint16_t*>(memory);
}

// Rounded values as float32, in place of the originals.
const float* rounded_floats(int64_t length, const float* x, float* __restrict out) {
    for (int64_t i = 0; i < length; ++i) {
        out[i] = float_of(uint32_t{bf16_of(x[i])} << 16);
    }
    return out;
}

// What units stand for: some rows with all panels, or all rows with some panels.
struct Part {
    int64_t row, rows, panel, panel_end;

    template <class Dense>
    Part(const Dense& d, int64_t columns, int64_t begin, int64_t end)
        : row(d.by_panel ? 0 : begin), rows(d.by_panel ? d.n : end - begin), panel(d.by_panel ? begin : 0),
          panel_end(d.by_panel ? end : (columns + kPanel - 1) / kPanel) {}
};

}  // namespace

void dense_forward_bf16(const DenseForwardBf16& a, int64_t begin, int64_t end) {
    DenseForward d = a.dense;
    const Part part(d, d.out, begin, end);
    const int64_t rounded = part.rows * bf16_row(d.in);
    uint16_t* memory = working(rounded + (d.w16 == nullptr ? forward_elements(d.in, d.out) : 0), a.status);
    if (memory == nullptr) {
        return;
    }
    bf16_rows(part.rows, d.in, d.x + part.row * d.in, memory);
    for (int64_t panel = part.panel; a.dense.w16 == nullptr && panel < part.panel_end; ++panel) {
        bf16_pack_forward(d.in, d.out, a.w, panel, 0, d.in, memory + rounded);
    }
    d.n = part.rows;
    d.y += part.row * d.out;
    d.x16 = memory;
    d.w16 = d.w16 == nullptr ? memory + rounded : d.w16;
    dense_forward(d, d.by_panel ? begin : 0, d.by_panel ? end : part.rows);
}

void dense_input_gradient_bf16(const DenseInputGradientBf16& a, int64_t begin, int64_t end) {
    DenseInputGradient d = a.dense;
    const Part part(d, d.in, begin, end);
    const int64_t rounded = part.rows * bf16_row(d.out);
    uint16_t* memory = working(rounded + (d.w16 == nullptr ? backward_elements(d.in, d.out) : 0), a.status);
    if (memory == nullptr) {
        return;
    }
    bf16_rows(part.rows, d.out, d.dy + part.row * d.out, memory);
    for (int64_t panel = part.panel; a.dense.w16 == nullptr && panel < part.panel_end; ++panel) {
        bf16_pack_backward(d.in, d.out, d.w, panel, memory + rounded);
    }
    d.n = part.rows;
    d.y_before = d.y_before == nullptr ? nullptr : d.y_before + part.row * d.in;
    d.dx += part.row * d.in;
    d.dy16 = memory;
    d.w16 = d.w16 == nullptr ? memory + rounded : d.w16;
    dense_input_gradient(d, d.by_panel ? begin : 0, d.by_panel ? end : part.rows);
}

void dense_linf_step_bf16(const DenseLinfStepBf16& a, int64_t begin, int64_t end) {
    DenseLinfStep d = a.dense;
    const int64_t rounded = (end - begin) * bf16_row(d.out);
    uint16_t* memory = working(rounded + (d.w16 == nullptr ? backward_elements(d.in, d.out) : 0), a.status);
    if (memory == nullptr) {
        return;
    }
    bf16_rows(end - begin, d.out, d.dy + begin * d.out, memory);
    d.n = end - begin;
    d.origin += begin * d.in;
    d.beaten = d.beaten == nullptr ? nullptr : d.beaten + begin;
    d.zero_gradients = d.zero_gradients == nullptr ? nullptr : d.zero_gradients + begin;
    d.x += begin * d.in;
    d.dy16 = memory;
    for (int64_t panel = 0; a.dense.w16 == nullptr && panel * kPanel < d.in; ++panel) {
        bf16_pack_backward(d.in, d.out, d.w, panel, memory + rounded);
    }
    d.w16 = d.w16 == nullptr ? memory + rounded : d.w16;
    dense_linf_step(d, 0, d.n);
}

void dense_weight_gradient_bf16(const DenseWeightGradientBf16& a, int64_t begin, int64_t end) {
    DenseWeightGradient d = a.dense;
    auto* memory = static_cast<float*>(scratch(d.n * (d.in + d.out) * static_cast<int64_t>(sizeof(float))));
    if (memory == nullptr) {
        __atomic_store_n(a.status, SP_OUT_OF_MEMORY, __ATOMIC_RELAXED);
        return;
    }
    d.x = rounded_floats(d.n * d.in, a.dense.x, memory);
    d.dy = rounded_floats(d.n * d.out, a.dense.dy, memory + d.n * d.in);
    dense_weight_gradient(d, begin, end);
    for (int64_t j = 0; begin == 0 && j < d.out; ++j) {
        d.db[j] = 0.0f;  // no product: sums of dy as it is
        for (int64_t i = 0; i < d.n; ++i) {
            d.db[j] += a.dense.dy[i * d.out + j];
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
