// The Square attack's start and proposals (Andriushchenko et al. 2020, algorithms 2 and 3), a warp a row: an image of
// channels x height x width, windows of rows x columns of it. norm is 0 (L-inf) or 1 (L2); bumps is 2 x rows x columns for
// L2, chosen by a random bit, and null for L-inf. Words are those of random_words (prelude/philox.cuh).
//
// square_start: x = project(origin + amplitude * sign * bump, or 1) in the whole windows that tile the image's middle. Words
// of tile t: t * (channels + 1) for the choice of bump, the next ones for each channel's sign.
// square_proposal: x = point with one window of each example's own changed. L-inf: by sign * 2 epsilon a channel, clipped.
// L2: the length of two windows and a channel's share of what is left up to epsilon go into the first, with a new bump added;
// then projected. Words 0 to 3: row and column of the first window, and of the second; 4: the bump; 5 + k: channel k's sign.
//
// origin, point and x n x channels * height * width (point is not x), indices n; beaten n or null: rows with beaten[i] >= 0
// are left alone. Sizes >= 1, rows <= height, columns <= width, origin and point in [0,1]. Bits repeat whatever the batch;
// L-inf has the bits of the CPU device, L2 may differ in the last place (order of sums).
//
// Launch (both): block 128 (4 rows); grid ceil(n / 4); no dynamic shared memory.
//
// Roofline. Bytes: 8 an element, and 12 in the window; L2 16 and about 60 double operations in the window. At n = 4096,
// d = 784, L-inf: 26 MB, 8 us on an H100, 26 us on an RTX 4090; aim 60 %. A forward pass of the model follows each.
#include "prelude.cuh"

// A word's place among so many.
DEVICE int place_of(unsigned word, int places) {
    return static_cast<int>(__umulhi(word, static_cast<unsigned>(places)));
}

DEVICE float sign_of_word(unsigned word) {
    return (word >> 31) != 0 ? 1.0f : -1.0f;
}

struct SquareWords {
    unsigned long long seed;
    unsigned index, restart, stream;

    DEVICE unsigned at(int element) const {
        const uint4 four = philox_block(seed, static_cast<unsigned>(element / 4), index, restart, stream);
        const int e = element % 4;
        return e == 0 ? four.x : e == 1 ? four.y : e == 2 ? four.z : four.w;
    }
};

KERNEL(128) square_start(int norm, int n, int channels, int height, int width, int rows, int columns, const float* bumps,
                         float amplitude, const float* origins, const int* indices, float epsilon,
                         unsigned long long seed, unsigned stream, unsigned restart, float* xs) {
    const int i = warp_row();
    if (i >= n) return;
    const int d = channels * height * width;
    const float* origin = origins + static_cast<size_t>(i) * static_cast<size_t>(d);
    float* x = xs + static_cast<size_t>(i) * static_cast<size_t>(d);
    const SquareWords words{seed, static_cast<unsigned>(indices[i]), restart, stream};
    const int across = width / columns, down = height / rows;
    const int top = height % rows / 2, left = width % columns / 2;
#pragma unroll 1
    for (int j = warp_lane(); j < d; j += kWarp) {
        const int channel = j / (height * width);
        const int r = j / width % height - top, q = j % width - left;
        float value = origin[j];
        if (r >= 0 && q >= 0 && r / rows < down && q / columns < across) {
            const int first = (r / rows * across + q / columns) * (channels + 1);
            float change = __fmul_rn(sign_of_word(words.at(first + 1 + channel)), amplitude);
            if (bumps != nullptr) {
                const int turned = static_cast<int>(words.at(first) >> 31);
                change = __fmul_rn(change, bumps[(turned * rows + r % rows) * columns + q % columns]);
            }
            value = __fadd_rn(value, change);
        }
        x[j] = norm == 0 ? clip_linf(value, origin[j], epsilon) : value;
    }
    __syncwarp();
    if (norm != 0) {
        project_l2(d, origin, epsilon, x);
    }
}
KERNEL_EXPORT(square_start)

// A window of one channel, its elements shared by the lanes.
struct SquareWindow {
    int row, column;  // where it begins in the image
    int rows, columns, width;

    // use(offset in the channel, offset in the window)
    template <class Use>
    DEVICE void each(const Use& use) const {
#pragma unroll 1
        for (int e = warp_lane(); e < rows * columns; e += kWarp) {
            use((row + e / columns) * width + column + e % columns, e);
        }
    }
    DEVICE bool holds(int j) const {
        const int r = j / width - row, q = j % width - column;
        return r >= 0 && r < rows && q >= 0 && q < columns;
    }
};

// One channel of algorithm 3; unused: its share of epsilon^2 - |point - origin|^2.
DEVICE void square_l2(const SquareWindow& first, const SquareWindow& second, const float* bump, float sign, double unused,
                      const float* origin, const float* point, float* x) {
    double kept = 0.0, given = 0.0;
    first.each([&](int j, int) {
        const double delta = difference_of(point[j], origin[j]);
        kept += delta * delta;
    });
    second.each([&](int j, int) {
        const double delta = difference_of(point[j], origin[j]);
        given += first.holds(j) ? 0.0 : delta * delta;
        x[j] = origin[j];
    });
    kept = warp_sum(kept);
    given = warp_sum(given);
    const double before = kept > 0.0 ? 1.0 / sqrt(kept) : 0.0;
    const auto changed = [&](int j, int e) {
        return static_cast<double>(sign * bump[e]) + difference_of(point[j], origin[j]) * before;
    };
    double length = 0.0;
    first.each([&](int j, int e) { length += changed(j, e) * changed(j, e); });
    length = warp_sum(length);
    const double factor = length > 0.0 ? sqrt((kept + given + unused) / length) : 0.0;
    __syncwarp();  // the second window's elements lie with other lanes
    first.each([&](int j, int e) {
        x[j] = static_cast<float>(static_cast<double>(origin[j]) + factor * changed(j, e));
    });
}

KERNEL(128) square_proposal(int norm, int n, int channels, int height, int width, int rows, int columns,
                            const float* bumps, const float* origins, const float* points, const int* indices,
                            float epsilon, unsigned long long seed, unsigned stream, unsigned query, const int* beaten,
                            float* xs) {
    const int i = warp_row();
    if (i >= n) return;
    if (beaten != nullptr && beaten[i] >= 0) return;
    const int d = channels * height * width;
    const float* origin = origins + static_cast<size_t>(i) * static_cast<size_t>(d);
    const float* point = points + static_cast<size_t>(i) * static_cast<size_t>(d);
    float* x = xs + static_cast<size_t>(i) * static_cast<size_t>(d);
#pragma unroll 2
    for (int j = warp_lane(); j < d; j += kWarp) {
        x[j] = point[j];
    }
    __syncwarp();  // the windows' elements lie with other lanes
    const SquareWords words{seed, static_cast<unsigned>(indices[i]), query, stream};
    const uint4 places = philox_block(seed, 0, words.index, query, stream);
    const SquareWindow first{place_of(places.x, 1 + height - rows), place_of(places.y, 1 + width - columns), rows, columns,
                             width};
    const SquareWindow second{place_of(places.z, 1 + height - rows), place_of(places.w, 1 + width - columns), rows, columns,
                              width};
    double unused = 0.0;
    const float* bump = bumps;
    if (norm != 0) {
        const double distance = DistanceL2::of(d, point, origin);
        const double left = static_cast<double>(epsilon) * static_cast<double>(epsilon) - distance * distance;
        unused = left > 0.0 ? left / static_cast<double>(channels) : 0.0;
        bump += static_cast<size_t>(words.at(4) >> 31) * static_cast<size_t>(rows * columns);
    }
#pragma unroll 1
    for (int channel = 0; channel < channels; ++channel) {
        const int at = channel * height * width;
        const float sign = sign_of_word(words.at(5 + channel));
        if (norm == 0) {
            const float change = __fmul_rn(sign, __fmul_rn(2.0f, epsilon));
            first.each([&](int j, int) {
                x[at + j] = clip_linf(__fadd_rn(point[at + j], change), origin[at + j], epsilon);
            });
        } else {
            square_l2(first, second, bump, sign, unused, origin + at, point + at, x + at);
        }
    }
    __syncwarp();
    if (norm != 0) {
        project_l2(d, origin, epsilon, x);
    }
}
KERNEL_EXPORT(square_proposal)
