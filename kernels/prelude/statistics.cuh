// Sums over rows and over columns, in double, and how a block shares a matrix of few columns. The orders are those of
// native/cpu/row_statistics.h and columns.h, so the bits are the CPU device's.
#pragma once

// ---- a block of 256 threads over a matrix: one column each, in as many rows at a time as fit ----

// Grid (ceil(columns / 256), at most 65535 and ceil(rows / rows together)); a thread's column stays, rows go on by `step`.
struct MatrixPlace {
    bool inside;
    int column;
    long long row, step;
};
DEVICE MatrixPlace matrix_place(int columns) {
    const int thread = static_cast<int>(threadIdx.x);
    const int width = columns < 256 ? columns : 256;
    const int together = 256 / width;
    const int column = static_cast<int>(blockIdx.x) * 256 + thread % width;
    return {thread < together * width && column < columns, column,
            static_cast<long long>(blockIdx.y) * together + thread / width, static_cast<long long>(gridDim.y) * together};
}

// ---- sums of columns over rows ----

constexpr int kChunk = 32;  // rows that are summed one after another

// Two sums for each of the block's 32 columns over group blockIdx.x of the rows, to sums[group][2][columns]: term(row, column,
// first, second) adds what a row has; chunks of rows go to eight warps at a time, and are then added in order.
// Block 256, grid (groups, ceil(columns / 32)).
template <class Term>
DEVICE void column_sums(long long rows, int columns, int chunks_each, double* sums, const Term& term) {
    __shared__ double shared[2][8][kWarp];
    const int lane = warp_lane();
    const int warp = static_cast<int>(threadIdx.x) / kWarp;
    const int column = static_cast<int>(blockIdx.y) * kWarp + lane;
    const bool inside = column < columns;
    double total = 0.0;  // the first warp's of first sums, the second's of second ones
    const long long group = static_cast<long long>(chunks_each) * kChunk;
    const long long begin = blockIdx.x * group;
    const long long end = begin + group < rows ? begin + group : rows;
    for (long long round = begin; round < end; round += 8 * kChunk) {
        const long long row = round + warp * kChunk;
        const int count = end - row < kChunk ? static_cast<int>(end - row) : kChunk;
        double first = 0.0;
        double second = 0.0;
        if (inside) {
#pragma unroll 8
            for (int r = 0; r < count; ++r) {
                term(row + r, column, first, second);
            }
        }
        shared[0][warp][lane] = first;
        shared[1][warp][lane] = second;
        __syncthreads();
        if (warp < 2) {
            for (int c = 0; c < 8 && round + c * kChunk < end; ++c) {
                total += shared[warp][c][lane];
            }
        }
        __syncthreads();
    }
    if (warp < 2 && inside) {
        const size_t at = (2 * static_cast<size_t>(blockIdx.x) + static_cast<size_t>(warp)) * static_cast<size_t>(columns);
        sums[at + static_cast<size_t>(column)] = total;
    }
}

// The totals of column blockIdx.x over up to 256 groups, added in order; thread 0 calls use(column, first, second). Block
// 256, grid columns.
template <class Use>
DEVICE void add_groups(int columns, int groups, const double* sums, const Use& use) {
    __shared__ double shared[2][256];
    const int group = static_cast<int>(threadIdx.x);
    const int column = static_cast<int>(blockIdx.x);
    if (group < groups) {
        const size_t at = 2 * static_cast<size_t>(group) * static_cast<size_t>(columns) + static_cast<size_t>(column);
        shared[0][group] = sums[at];
        shared[1][group] = sums[at + static_cast<size_t>(columns)];
    }
    __syncthreads();
    if (group == 0) {
        double first = 0.0;
        double second = 0.0;
        for (int g = 0; g < groups; ++g) {
            first += shared[0][g];
            second += shared[1][g];
        }
        use(column, first, second);
    }
}

// ---- statistics of a row, by one warp ----

struct RowStatistics {
    float mean;
    float inverse;  // 1 / sqrt(variance + epsilon)
};

// From the sums of deviations from the row's first element and of their squares.
DEVICE RowStatistics statistics_of(int count, double first, double sum, double squares, float epsilon) {
    const double deviation = sum / static_cast<double>(count);
    const double variance = squares / static_cast<double>(count) - deviation * deviation;
    return {static_cast<float>(first + deviation),
            static_cast<float>(1.0 / sqrt((variance > 0.0 ? variance : 0.0) + static_cast<double>(epsilon)))};
}

DEVICE RowStatistics row_statistics(int count, const float* x, float epsilon) {
    const double first = static_cast<double>(x[0]);
    double sum = 0.0;
    double squares = 0.0;
#pragma unroll 4
    for (int j = warp_lane(); j < count; j += kWarp) {
        const double deviation = static_cast<double>(x[j]) - first;
        sum += deviation;
        squares += deviation * deviation;
    }
    return statistics_of(count, first, warp_sum(sum), warp_sum(squares), epsilon);
}
