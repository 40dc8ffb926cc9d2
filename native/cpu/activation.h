// Activations and their derivatives as functions of one value; the derivative is expressed by the activation's output.
#pragma once

#include "elementary.h"
#include "saddlepoint.h"

namespace sp::SP_LEVEL_NAMESPACE {

// y[i] = activation(x[i] + b[i]), b may be NULL; x and y may be the same.
inline void activate(int32_t activation, float slope, int64_t count, const float* x, const float* b, float* y) {
    const auto each = [&](auto function) {
        if (b != nullptr) {
            for (int64_t i = 0; i < count; ++i) {
                y[i] = function(x[i] + b[i]);
            }
        } else {
            for (int64_t i = 0; i < count; ++i) {
                y[i] = function(x[i]);
            }
        }
    };
    switch (activation) {
        case SP_RELU: each([](float v) { return v > 0 ? v : 0.0f; }); break;
        case SP_LEAKY_RELU: each([slope](float v) { return v > 0 ? v : slope * v; }); break;
        case SP_TANH: each([](float v) { return tanh_of(v); }); break;
        case SP_SIGMOID: each([](float v) { return sigmoid_of(v); }); break;
        case SP_CLIPPED_RELU: each([slope](float v) { return v > 0 ? (v < slope ? v : slope) : 0.0f; }); break;
        default: each([](float v) { return v; }); break;
    }
}

// A vector of it; the same bits.
inline Vec activated(int32_t activation, float slope, Vec x) {
    switch (activation) {
        case SP_IDENTITY: return x;
        case SP_RELU: return where_positive(x, x, zero());
        case SP_LEAKY_RELU: return where_positive(x, x, broadcast(slope) * x);
        default: {
            alignas(64) float lanes[kWidth];
            store(lanes, x);
            activate(activation, slope, kWidth, lanes, nullptr, lanes);
            return load(lanes);
        }
    }
}

// dx[i] = dy[i] * activation'(.) where y[i] is the activation's output; dx and dy may be the same.
inline void activation_derivative(int32_t activation, float slope, int64_t count, const float* y, const float* dy,
                                  float* dx) {
    const auto each = [&](auto function) {
        for (int64_t i = 0; i < count; ++i) {
            dx[i] = function(y[i], dy[i]);
        }
    };
    switch (activation) {
        case SP_RELU: each([](float v, float g) { return v > 0 ? g : 0.0f; }); break;
        case SP_LEAKY_RELU: each([slope](float v, float g) { return v > 0 ? g : slope * g; }); break;
        case SP_TANH: each([](float v, float g) { return g * (1.0f - v * v); }); break;
        case SP_SIGMOID: each([](float v, float g) { return g * (v * (1.0f - v)); }); break;
        case SP_CLIPPED_RELU: each([slope](float v, float g) { return v > 0 && v < slope ? g : 0.0f; }); break;
        default:
            for (int64_t i = 0; i < count; ++i) {
                dx[i] = dy[i];
            }
    }
}

// A vector of it; the same bits.
inline Vec activation_derivative(int32_t activation, float slope, Vec y, Vec dy) {
    switch (activation) {
        case SP_RELU: return where_positive(y, dy, zero());
        case SP_LEAKY_RELU: return where_positive(y, dy, broadcast(slope) * dy);
        case SP_TANH: return dy * (broadcast(1.0f) - y * y);
        case SP_SIGMOID: return dy * (y * (broadcast(1.0f) - y));
        case SP_CLIPPED_RELU:  // the difference of two unequal floats is not zero
            return where_positive(y, where_positive(broadcast(slope) - y, dy, zero()), zero());
        default: return dy;
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
