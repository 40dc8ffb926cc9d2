// The L-inf step of one value: x + step_size * sign(g), clipped to the ball about the origin and to the box [0,1]. Same
// bits as native/cpu/linf_step.h: every operation is rounded on its own (__fadd_rn, __fmul_rn).
//
// Bounds are rounded inwards, so that |x - origin| <= epsilon holds in exact arithmetic on the stored values. The rounding
// error of a sum is itself a float (Knuth's TwoSum), so its sign says whether the sum was rounded outwards.
#pragma once

// The largest float32 v <= 1 with v - x <= epsilon exactly; x in [0,1], epsilon >= 0.
DEVICE float upper_bound(float x, float epsilon) {
    const float sum = __fadd_rn(x, epsilon);
    const float part = __fsub_rn(sum, x);
    const float error = __fadd_rn(__fsub_rn(x, __fsub_rn(sum, part)), __fsub_rn(epsilon, part));
    const float inward = error < 0 ? __uint_as_float(__float_as_uint(sum) - 1) : sum;
    return inward < 1.0f ? inward : 1.0f;
}

// The smallest float32 v >= 0 with x - v <= epsilon exactly.
DEVICE float lower_bound(float x, float epsilon) {
    const float difference = __fsub_rn(x, epsilon);
    const float part = __fsub_rn(difference, x);
    const float error = __fsub_rn(__fsub_rn(x, __fsub_rn(difference, part)), __fadd_rn(epsilon, part));
    const float inward = error > 0 ? __uint_as_float(__float_as_uint(difference) + 1) : difference;
    return difference > 0.0f ? inward : 0.0f;
}

// sign(0) = 0, and a gradient that is not a number moves nothing.
DEVICE float sign_of(float g) {
    return g > 0 ? 1.0f : (g < 0 ? -1.0f : 0.0f);
}

DEVICE float clip_linf(float value, float origin, float epsilon) {
    const float low = lower_bound(origin, epsilon);
    const float high = upper_bound(origin, epsilon);
    const float raised = value > low ? value : low;
    return raised < high ? raised : high;
}

DEVICE float linf_stepped(float x, float g, float origin, float step_size, float epsilon) {
    return clip_linf(__fadd_rn(x, __fmul_rn(step_size, sign_of(g))), origin, epsilon);
}

// A uniform draw from the ball about the origin, clipped to the box where it is to stay there.
DEVICE float linf_start(bool boxed, unsigned word, float origin, float epsilon) {
    const float offset = __fmul_rn(epsilon, __fsub_rn(__fmul_rn(2.0f, uniform_of(word)), 1.0f));
    const float drawn = __fadd_rn(origin, offset);
    return boxed ? clip_linf(drawn, origin, epsilon) : drawn;
}
