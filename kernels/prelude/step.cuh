// Attack steps of one row x (length d) by one warp, projection included, in place (conventions: reduce.cuh). gradient may
// be null: then x is only projected. Each returns, the same in all lanes, whether any of the gradient was not zero (true
// without a gradient).
#pragma once

// The values of sp_norm.
enum Norm { kLinf = 0, kL2 = 1, kL1 = 2 };

// Same bits as native/cpu/linf_step.cpp.
DEVICE bool linf_step_row(int d, const float* gradient, const float* origin, float step_size, float epsilon, float* x) {
    if (gradient == nullptr) {
        for (int j = warp_lane(); j < d; j += kWarp) {
            x[j] = clip_linf(x[j], origin[j], epsilon);
        }
        return true;
    }
    bool moved = false;
    for (int j = warp_lane(); j < d; j += kWarp) {
        moved |= gradient[j] != 0.0f;
        x[j] = linf_stepped(x[j], gradient[j], origin[j], step_size, epsilon);
    }
    return warp_any(moved);
}

// x = project(x + step_size * g / |g|_2). Squares of float32 values neither under- nor overflow in double, so the norm
// needs no scaling. A row whose gradient is not all finite, or zero, is only projected.
DEVICE bool l2_step_row(int d, const float* gradient, const float* origin, float step_size, float epsilon, float* x) {
    bool moved = true;
    if (gradient != nullptr) {
        moved = false;
        double sum = 0.0;
        for (int j = warp_lane(); j < d; j += kWarp) {
            const double g = gradient[j];
            moved |= gradient[j] != 0.0f;
            sum += g * g;
        }
        moved = warp_any(moved);
        const double norm = sqrt(warp_sum(sum));
        if (norm > 0.0 && norm < 1e100) {  // the largest finite gradient is far below, infinity above
            const double factor = static_cast<double>(step_size) / norm;
            for (int j = warp_lane(); j < d; j += kWarp) {
                x[j] = static_cast<float>(static_cast<double>(x[j]) + static_cast<double>(gradient[j]) * factor);
            }
        }
    }
    project_l2(d, origin, epsilon, x);
    return moved;
}

// Words of scratch, in shared memory and for each warp, that l1_step_row needs.
constexpr int kSelectWords = 256;

// Whether the box does not block coordinate j's direction.
DEVICE bool is_free(float g, float x) {
    return (g > 0 && x < 1.0f) || (g < 0 && x > 0.0f);
}

DEVICE unsigned size_bits(float g) {
    return __float_as_uint(g) & 0x7fffffffu;  // ordered as |g| is
}

struct Selection {
    unsigned threshold;  // coordinates with larger size_bits are chosen
    int ties;            // and so are the first `ties` that have just these
};

// The `count` largest |g| among the free coordinates (there are as many at least): a radix select from the highest of four
// digits of 8 bits, each by a histogram in scratch.
DEVICE Selection select_largest(int d, const float* gradient, const float* x, int count, unsigned* scratch) {
    constexpr int kBins = kSelectWords / kWarp;  // a lane's share of the histogram, from the top
    const int lane = warp_lane();
    unsigned chosen = 0;
    unsigned known = 0;  // the bits of `chosen` that are settled
    int left = count;
#pragma unroll 1
    for (int shift = 24; shift >= 0; shift -= 8) {
        for (int b = lane; b < kSelectWords; b += kWarp) {
            scratch[b] = 0;
        }
        __syncwarp();
#pragma unroll 2
        for (int j = lane; j < d; j += kWarp) {
            const unsigned bits = size_bits(gradient[j]);
            if (is_free(gradient[j], x[j]) && (bits & known) == chosen) {
                atomicAdd(&scratch[(bits >> shift) & 255u], 1u);
            }
        }
        __syncwarp();
        const int top = kSelectWords - 1 - lane * kBins;
        int mine = 0;
        for (int b = 0; b < kBins; ++b) {
            mine += static_cast<int>(scratch[top - b]);
        }
        int above = mine;  // with larger or equal digits, up to this lane's lowest
#pragma unroll
        for (int offset = 1; offset < kWarp; offset *= 2) {
            const int other = __shfl_sync(kAllLanes, above, lane >= offset ? lane - offset : lane);
            above += lane >= offset ? other : 0;
        }
        above -= mine;
        int digit = -1;
        if (above < left && left <= above + mine) {
            for (digit = top; above + static_cast<int>(scratch[digit]) < left; --digit) {
                above += static_cast<int>(scratch[digit]);
            }
        }
        const int owner = __ffs(static_cast<int>(__ballot_sync(kAllLanes, digit >= 0))) - 1;
        chosen |= static_cast<unsigned>(__shfl_sync(kAllLanes, digit, owner)) << shift;
        left -= __shfl_sync(kAllLanes, above, owner);
        known |= 255u << shift;
        __syncwarp();
    }
    return {chosen, left};
}

// The sparse L1 step (SLIDE, Tramer and Boneh 2019): step_size is shared equally by the `top` coordinates of largest
// |gradient| among the free ones, ties by index; then x is projected onto ball and box together.
DEVICE bool l1_step_row(int d, const float* gradient, const float* origin, float step_size, float epsilon, int top,
                        unsigned* scratch, float* x) {
    const int lane = warp_lane();
    bool moved = true;
    if (gradient != nullptr) {
        moved = false;
        int free = 0;
#pragma unroll 2
        for (int j = lane; j < d; j += kWarp) {
            moved |= gradient[j] != 0.0f;
            free += is_free(gradient[j], x[j]) ? 1 : 0;
        }
        moved = warp_any(moved);
        free = warp_sum(free);
        const int count = free < top ? free : top;
        if (count > 0) {
            const Selection selection = select_largest(d, gradient, x, count, scratch);
            const float share = __fdiv_rn(step_size, static_cast<float>(count));
            int ties = 0;  // met so far
#pragma unroll 1
            for (int first = 0; first < d; first += kWarp) {
                const int j = first + lane;
                const float g = j < d ? gradient[j] : 0.0f;
                const bool candidate = j < d && is_free(g, x[j]);
                const bool tie = candidate && size_bits(g) == selection.threshold;
                const unsigned tied = __ballot_sync(kAllLanes, tie);
                const int rank = ties + __popc(tied & ((1u << lane) - 1u));
                if (candidate && (size_bits(g) > selection.threshold || (tie && rank < selection.ties))) {
                    x[j] = __fadd_rn(x[j], __fmul_rn(share, sign_of(g)));
                }
                ties += __popc(tied);
            }
        }
    }
    project_l1(d, origin, epsilon, x);
    return moved;
}
