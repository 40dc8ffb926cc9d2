// Reductions by one warp, all 32 lanes together; every lane gets the result. The order is fixed: lane l sums elements l,
// l + 32, ..., then the lanes are added as a tree. It depends on the row's length alone, so results repeat bit for bit
// whatever the batch, the block or the row's place in it.
//
// The row functions of project.cuh, step.cuh, start.cuh and loss.cuh build on these. They work on one row by one warp,
// take plain pointers (global or shared memory), keep element j with lane j % 32, and contain no block barrier, so a
// kernel may give each of its warps another row.
#pragma once

constexpr int kWarp = 32;
constexpr unsigned kAllLanes = 0xffffffffu;

DEVICE int warp_lane() {
    return static_cast<int>(threadIdx.x) % kWarp;
}

// The row that this warp works on, in kernels that give each warp one row.
DEVICE int warp_row() {
    return static_cast<int>(blockIdx.x * (blockDim.x / kWarp) + threadIdx.x / kWarp);
}

template <class Number>
DEVICE Number warp_sum(Number v) {
#pragma unroll
    for (int offset = kWarp / 2; offset > 0; offset /= 2) {
        v += __shfl_xor_sync(kAllLanes, v, offset);
    }
    return v;
}

// A NaN must not be among the values.
template <class Number>
DEVICE Number warp_max(Number v) {
#pragma unroll
    for (int offset = kWarp / 2; offset > 0; offset /= 2) {
        const Number other = __shfl_xor_sync(kAllLanes, v, offset);
        v = other > v ? other : v;
    }
    return v;
}

DEVICE bool warp_any(bool v) {
    return __ballot_sync(kAllLanes, v) != 0;
}

// total + v of lane 0 + v of lane 1 + ..., the first `count` lanes, one after another.
DEVICE float warp_add_in_order(float total, float v, int count) {
    for (int source = 0; source < count; ++source) {
        total += __shfl_sync(kAllLanes, v, source);
    }
    return total;
}

// The sum of term(j) over a row of d.
template <class Term>
DEVICE double row_sum(int d, const Term& term) {
    double sum = 0.0;
    for (int j = warp_lane(); j < d; j += kWarp) {
        sum += term(j);
    }
    return warp_sum(sum);
}
