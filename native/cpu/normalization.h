// Argument records of add, copy_columns, normalisation and dropout; part of operations.h.
#pragma once

#include <cstdint>

namespace sp {

// Inlined wherever it is used: what the linker shares between dispatch levels must not hold one level's instructions.
#define SP_INLINE __attribute__((always_inline))

// How the rows of a matrix are summed, column by column: rows in chunks of kChunk, chunks in groups. Follows from the
// matrix's shape alone, and keeps what the groups leave behind small.
constexpr int64_t kChunk = 32;
struct RowGroups {
    int64_t rows, columns;

    SP_INLINE int64_t chunks() const { return (rows + kChunk - 1) / kChunk; }
    SP_INLINE int64_t chunks_each() const {
        const int64_t fitting = (int64_t{1} << 18) / columns;
        const int64_t most = fitting < 1 ? 1 : fitting > 256 ? 256 : fitting;
        return chunks() <= most ? 1 : (chunks() + most - 1) / most;
    }
    SP_INLINE int64_t count() const { return (chunks() + chunks_each() - 1) / chunks_each(); }
    // Doubles: two sums a column of each group.
    SP_INLINE int64_t sums() const { return 2 * count() * columns; }
};

struct Add {  // unit: a block
    int64_t length;
    const float *a, *b;
    int32_t activation;
    float slope;
    float* y;
};
struct CopyColumns {  // unit: a row
    int64_t columns;
    const float* source;  // at the first column to copy
    int64_t source_width;
    float* target;  // at the first column to overwrite
    int64_t target_width;
};
struct ChannelStatistics {  // unit: of _sums a group, else a block of channels
    RowGroups shape;
    const float* x;
    double* sums;
    float *mean, *variance;
};
struct UpdateRunningStatistics {  // unit: a block of channels
    int64_t rows, channels;
    float momentum;
    const float *mean, *variance;
    float *running_mean, *running_variance;
};
struct FoldBatchNorm {  // unit: a block of channels
    int64_t channels;
    const float *mean, *variance;
    float epsilon;
    const float *weight, *bias;
    float *scale, *shift;
};
struct BatchNormGradient {  // unit: of _sums a group, of _factors a block of channels, else a row
    RowGroups shape;
    const float *x, *dy, *mean, *variance;
    float epsilon;
    const float* weight;
    double* sums;
    float* factors;  // three a channel
    float *dw, *db, *dx;
};
struct LayerNorm {  // unit: a row
    int64_t size;
    const float *x, *weight, *bias;
    float epsilon;
    int32_t activation;
    float slope;
    float* y;
};
struct LayerNormGradient {  // unit: a row
    int64_t size;
    const float *x, *dy, *weight;
    float epsilon;
    int32_t activation;
    float slope;
    const float* before;
    float* dx;
};
struct LayerNormWeightGradient {  // unit: of _sums a group, else a block of columns
    RowGroups shape;
    const float *x, *dy;
    float epsilon;
    double* sums;
    float *dw, *db;
};
struct Dropout {  // unit: a row
    int64_t d;
    const float* x;
    const int32_t* indices;
    uint64_t seed;
    uint32_t stream, layer;
    float probability;
    float* y;
};

#define SP_NORMALIZATION_OPERATIONS(X)                              \
    X(add, Add)                                                     \
    X(copy_columns, CopyColumns)                                    \
    X(channel_statistics_sums, ChannelStatistics)                   \
    X(channel_statistics, ChannelStatistics)                        \
    X(update_running_statistics, UpdateRunningStatistics)           \
    X(fold_batch_norm, FoldBatchNorm)                               \
    X(batch_norm_gradient_sums, BatchNormGradient)                  \
    X(batch_norm_gradient_factors, BatchNormGradient)               \
    X(batch_norm_gradient, BatchNormGradient)                       \
    X(layer_norm, LayerNorm)                                        \
    X(layer_norm_gradient, LayerNormGradient)                       \
    X(layer_norm_weight_gradient_sums, LayerNormWeightGradient)     \
    X(layer_norm_weight_gradient, LayerNormWeightGradient)          \
    X(dropout, Dropout)

}  // namespace sp
