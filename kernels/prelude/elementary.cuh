// exp, tanh and sigmoid in plain arithmetic, and the activations: same bits as native/cpu/elementary.h and activation.h on
// a CPU with fused multiply-adds.
// Polynomials: S. L. Moshier's Cephes library (expf, tanhf), about 2 units in the last place.
#pragma once

// exp(x); 0 below -87 (no denormals), infinity above 88.7, NaN for NaN.
DEVICE float exp_of(float x) {
    const float clamped = x < -87.0f ? -87.0f : (x > 88.0f ? 88.0f : x);
    // Adding 1.5 * 2^23 leaves the nearest integer in the low bits.
    const float shifted = fmaf(clamped, 1.44269504088896341f, 12582912.0f);
    const float n = shifted - 12582912.0f;
    float r = fmaf(n, -0.693359375f, clamped);
    r = fmaf(n, 2.12194440e-4f, r);
    float p = 1.9875691500e-4f;
    p = fmaf(p, r, 1.3981999507e-3f);
    p = fmaf(p, r, 8.3334519073e-3f);
    p = fmaf(p, r, 4.1665795894e-2f);
    p = fmaf(p, r, 1.6666665459e-1f);
    p = fmaf(p, r, 5.0000001201e-1f);
    p = fmaf(p, r * r, r) + 1.0f;
    const float scale = __uint_as_float((__float_as_uint(shifted) + 127u) << 23);
    float result = p * scale;
    result = x < -87.0f ? 0.0f : result;
    result = x > 88.7f ? __uint_as_float(0x7f800000u) : (x > 88.0f ? result * (1.0f + (x - 88.0f)) : result);
    return x == x ? result : x;
}

DEVICE float sigmoid_of(float x) {
    return 1.0f / (1.0f + exp_of(-x));
}

DEVICE float tanh_of(float x) {
    const float a = x < 0 ? -x : x;
    const float s = x * x;
    float p = -5.70498872745e-3f;
    p = fmaf(p, s, 2.06390887954e-2f);
    p = fmaf(p, s, -5.37397155531e-2f);
    p = fmaf(p, s, 1.33314422036e-1f);
    p = fmaf(p, s, -3.33332819422e-1f);
    const float small = fmaf(p * s, x, x);
    const float e = 1.0f - 2.0f / (exp_of(2.0f * a) + 1.0f);
    const float large = x < 0 ? -e : e;
    return a < 0.625f ? small : large;
}

// The values of sp_activation.
enum Activation { kIdentity = 0, kRelu = 1, kLeakyRelu = 2, kTanh = 3, kSigmoid = 4, kClippedRelu = 5 };

DEVICE float activate(int activation, float slope, float v) {
    switch (activation) {
        case kRelu: return v > 0 ? v : 0.0f;
        case kLeakyRelu: return v > 0 ? v : slope * v;
        case kTanh: return tanh_of(v);
        case kSigmoid: return sigmoid_of(v);
        case kClippedRelu: return v > 0 ? (v < slope ? v : slope) : 0.0f;
        default: return v;
    }
}

// dy * activation'(.) where y is the activation's output.
DEVICE float activation_derivative(int activation, float slope, float y, float dy) {
    switch (activation) {
        case kRelu: return y > 0 ? dy : 0.0f;
        case kLeakyRelu: return y > 0 ? dy : slope * dy;
        case kTanh: return dy * (1.0f - y * y);
        case kSigmoid: return dy * (y * (1.0f - y));
        case kClippedRelu: return y > 0 && y < slope ? dy : 0.0f;
        default: return dy;
    }
}
