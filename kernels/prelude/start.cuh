// Random starts of one row x (length d) by one warp (conventions: reduce.cuh): origin + a uniform draw from the ball of a
// norm, projected onto ball and box unless it may leave the box.
//
// L-inf: each element uniform, same bits as the CPU device. L2: a Gaussian direction (Box and Muller) times
// epsilon * u^(1/d). L1: exponential sizes with random signs over their sum plus one more exponential, which is uniform in
// the ball (Barthe et al. 2005). The extra draws of L2 and L1 come from the block after the row's own.
#pragma once

enum Start { kStartOriginal = 0, kStartBallAndBox = 1, kStartBall = 2 };  // sp_start

// cos and sin of 2 pi u for u in [0,1) on 2^24 points: the quadrant is exact, and the rest are the Taylor series up to
// pi/4, good to double precision. (The library's own sin and cos keep a table on the stack for large arguments.)
struct Direction {
    double cosine, sine;
};
DEVICE Direction direction_of(float u) {
    const double turns = static_cast<double>(u) * 4.0;  // in quadrants
    const int nearest = static_cast<int>(turns + 0.5);
    const double r = (turns - static_cast<double>(nearest)) * 1.5707963267948966;
    const double s = r * r;
    double sine = -1.0 / 1307674368000.0;
    sine = sine * s + 1.0 / 6227020800.0;
    sine = sine * s - 1.0 / 39916800.0;
    sine = sine * s + 1.0 / 362880.0;
    sine = sine * s - 1.0 / 5040.0;
    sine = sine * s + 1.0 / 120.0;
    sine = sine * s - 1.0 / 6.0;
    sine = r + r * s * sine;
    double cosine = 1.0 / 20922789888000.0;
    cosine = cosine * s - 1.0 / 87178291200.0;
    cosine = cosine * s + 1.0 / 479001600.0;
    cosine = cosine * s - 1.0 / 3628800.0;
    cosine = cosine * s + 1.0 / 40320.0;
    cosine = cosine * s - 1.0 / 720.0;
    cosine = cosine * s + 1.0 / 24.0;
    cosine = cosine * s - 0.5;
    cosine = cosine * s + 1.0;
    switch (nearest & 3) {
        case 0: return {cosine, sine};
        case 1: return {-sine, cosine};
        case 2: return {-cosine, -sine};
        default: return {sine, -cosine};
    }
}

// Calls use(j, words of elements j .. j + 3) for j = 0, 4, ..., each block of a row's Philox words once.
template <class Use>
DEVICE void philox_row(int d, int index, unsigned long long seed, unsigned stream, unsigned restart, const Use& use) {
    for (int block = warp_lane(); 4 * block < d; block += kWarp) {
        use(4 * block, philox_block(seed, static_cast<unsigned>(block), static_cast<unsigned>(index), restart, stream));
    }
}

// x[j .. j + 3] = the four values, as far as the row goes.
DEVICE void put_four(int d, int j, float a, float b, float c, float e, float* x) {
    x[j] = a;
    if (j + 1 < d) x[j + 1] = b;
    if (j + 2 < d) x[j + 2] = c;
    if (j + 3 < d) x[j + 3] = e;
}

// x holds a direction; it becomes origin + scale * direction.
DEVICE void place_row(int d, const float* origin, double scale, float* x) {
    for (int j = warp_lane(); j < d; j += kWarp) {
        x[j] = static_cast<float>(static_cast<double>(origin[j]) + scale * static_cast<double>(x[j]));
    }
}

DEVICE void linf_start_row(bool boxed, int d, const float* origin, int index, float epsilon, unsigned long long seed,
                           unsigned stream, unsigned restart, float* x) {
    philox_row(d, index, seed, stream, restart, [&](int j, uint4 words) {
        x[j] = linf_start(boxed, words.x, origin[j], epsilon);
        if (j + 1 < d) x[j + 1] = linf_start(boxed, words.y, origin[j + 1], epsilon);
        if (j + 2 < d) x[j + 2] = linf_start(boxed, words.z, origin[j + 2], epsilon);
        if (j + 3 < d) x[j + 3] = linf_start(boxed, words.w, origin[j + 3], epsilon);
    });
    __syncwarp();
}

DEVICE double extra_uniform(int d, int index, unsigned long long seed, unsigned stream, unsigned restart) {
    const unsigned block = static_cast<unsigned>((d + 3) / 4);
    return positive_uniform(philox_block(seed, block, static_cast<unsigned>(index), restart, stream).x);
}

// x = standard normal draws: elements 2k and 2k + 1 of words 2k and 2k + 1.
DEVICE void gaussian_row(int d, int index, unsigned long long seed, unsigned stream, unsigned restart, float* x) {
    philox_row(d, index, seed, stream, restart, [&](int j, uint4 words) {
        const double radius0 = sqrt(-2.0 * log(positive_uniform(words.x)));
        const double radius1 = sqrt(-2.0 * log(positive_uniform(words.z)));
        const Direction direction0 = direction_of(uniform_of(words.y));
        const Direction direction1 = direction_of(uniform_of(words.w));
        put_four(d, j, static_cast<float>(radius0 * direction0.cosine), static_cast<float>(radius0 * direction0.sine),
                 static_cast<float>(radius1 * direction1.cosine), static_cast<float>(radius1 * direction1.sine), x);
    });
    __syncwarp();
}

DEVICE double gaussian_length(int d, const float* x) {
    return sqrt(row_sum(d, [&](int j) { return static_cast<double>(x[j]) * static_cast<double>(x[j]); }));
}

DEVICE void l2_start_row(bool boxed, int d, const float* origin, int index, float epsilon, unsigned long long seed,
                         unsigned stream, unsigned restart, float* x) {
    gaussian_row(d, index, seed, stream, restart, x);
    const double norm = gaussian_length(d, x);
    const double share = exp(log(extra_uniform(d, index, seed, stream, restart)) / static_cast<double>(d));
    place_row(d, origin, norm > 0 ? static_cast<double>(epsilon) * share / norm : 0.0, x);
    if (boxed) project_l2(d, origin, epsilon, x);
    __syncwarp();
}

DEVICE float signed_exponential(unsigned word) {
    const float size = static_cast<float>(-log(positive_uniform(word)));
    return (word & 1u) != 0 ? size : -size;
}

DEVICE void l1_start_row(bool boxed, int d, const float* origin, int index, float epsilon, unsigned long long seed,
                         unsigned stream, unsigned restart, float* x) {
    philox_row(d, index, seed, stream, restart, [&](int j, uint4 words) {
        put_four(d, j, signed_exponential(words.x), signed_exponential(words.y), signed_exponential(words.z),
                 signed_exponential(words.w), x);
    });
    __syncwarp();
    const double sum = row_sum(d, [&](int j) { return fabs(static_cast<double>(x[j])); })
                       - log(extra_uniform(d, index, seed, stream, restart));
    place_row(d, origin, sum > 0 ? static_cast<double>(epsilon) / sum : 0.0, x);
    if (boxed) project_l1(d, origin, epsilon, x);
    __syncwarp();
}

DEVICE void start_row(int norm, int start, int d, const float* origin, int index, float epsilon, unsigned long long seed,
                      unsigned stream, unsigned restart, float* x) {
    const bool boxed = start != kStartBall;
    switch (norm) {
        case kL2: l2_start_row(boxed, d, origin, index, epsilon, seed, stream, restart, x); break;
        case kL1: l1_start_row(boxed, d, origin, index, epsilon, seed, stream, restart, x); break;
        default: linf_start_row(boxed, d, origin, index, epsilon, seed, stream, restart, x); break;
    }
}
