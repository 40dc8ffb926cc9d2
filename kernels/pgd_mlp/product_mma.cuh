// Products of rounded operands on tensor cores: features are the rows of mma.sync and examples its columns, so that a tile
// may be as small as 8. A warp computes up to kFeatureTiles tiles of 16 features side by side, of 8 or 16 examples; each
// output is one chain of mma over the depth from 0 on, 8 (bf16: 16) at a time, whatever the tile, group or chunk.
//
// Weights are rounded to tf32 on the way to registers; those of bf16 came rounded. Rows of weights lie 4 words modulo 8
// apart, columns' rows 8 modulo 16, so that the 32 words of a fragment come from 32 banks.
#pragma once

#include "chunks.cuh"

constexpr int kFeatureTiles = 4;

// Where a warp's tile of 16 features has its weights: word (i, k), feature and depth (bf16: pair of depths), lies at
// words + i * feature + k * depth.
struct PgdWeights {
    const float* words;
    int feature, depth;
};

template <PgdPrecision precision>
DEVICE uint32_t weight_operand(float word) {
    return precision == kPgdBf16 ? __float_as_uint(word) : to_tf32(word);
}

// The examples' fragment at depth k for the lane's example row.
template <PgdPrecision precision>
DEVICE void example_operand(const float* row, int t, uint32_t (&b)[2]) {
    if (precision == kPgdBf16) {
        const float2 first = *reinterpret_cast<const float2*>(row + 2 * t);
        const float2 second = *reinterpret_cast<const float2*>(row + 2 * t + 8);
        b[0] = pack_bf16(first.x, first.y);
        b[1] = pack_bf16(second.x, second.y);
    } else {
        b[0] = to_tf32(row[t]);
        b[1] = to_tf32(row[t + 4]);
    }
}

DEVICE void multiply_fragments(float (&sum)[4], const uint32_t (&a)[4], const uint32_t (&b)[2],
                               std::integral_constant<int, kPgdTf32>) {
    mma_m16n8k8_tf32(sum, a, b);
}
DEVICE void multiply_fragments(float (&sum)[4], const uint32_t (&a)[4], const uint32_t (&b)[2],
                               std::integral_constant<int, kPgdBf16>) {
    mma_m16n8k16_bf16(sum, a, b);
}

// sum[i][j] += the products over `depth` (rounded up to whole steps; beyond it weights or operands are zero) of feature
// tile i < count and example group j.
template <PgdPrecision precision, int groups>
DEVICE void multiply_tiles(const PgdWeights (&weights)[kFeatureTiles], int count, const float* operand, int operand_pitch,
                           int depth, float (&sum)[kFeatureTiles][groups][4]) {
    constexpr int kStep = precision == kPgdBf16 ? 16 : 8;
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int g = lane / 4;
    const int t = lane % 4;
    for (int k = 0; k < depth; k += kStep) {
        const int word = k / (kStep / 8);
        uint32_t b[groups][2];
#pragma unroll
        for (int j = 0; j < groups; ++j) {
            example_operand<precision>(operand + (8 * j + g) * operand_pitch + k, t, b[j]);
        }
#pragma unroll
        for (int i = 0; i < kFeatureTiles; ++i) {
            if (i < count) {
                const PgdWeights& w = weights[i];
                const float* from = w.words + g * w.feature + (word + t) * w.depth;
                const uint32_t a[4] = {weight_operand<precision>(from[0]), weight_operand<precision>(from[8 * w.feature]),
                                       weight_operand<precision>(from[4 * w.depth]),
                                       weight_operand<precision>(from[8 * w.feature + 4 * w.depth])};
#pragma unroll
                for (int j = 0; j < groups; ++j) {
                    multiply_fragments(sum[i][j], a, b[j], std::integral_constant<int, precision>{});
                }
            }
        }
    }
}

// One group of features [feature, end), then epilogue(feature, example, sum) of each output once. All threads together.
template <PgdPrecision precision, bool back, int groups, class Epilogue>
DEVICE void product_group(const PgdProduct<precision>& product, PgdChunks<precision>& chunks, const float* shared,
                          int feature, int end, int tile, const float* operand, int operand_pitch,
                          const Epilogue& epilogue) {
    constexpr int kDepthWord = precision == kPgdBf16 ? 2 : 1;  // depths a word
    const bool by_rows = precision == kPgdBf16 || !back;
    const int sets = tile / (8 * groups);
    const int warps = static_cast<int>(blockDim.x) / 32 / sets;
    const int warp = static_cast<int>(threadIdx.x) / 32 / sets;
    const int example = static_cast<int>(threadIdx.x) / 32 % sets * 8 * groups;
    const int depth = product.depth();
    const int resident_rows = product.resident_rows();
    const float* resident = shared + product.resident();
    const float* mine = operand + example * operand_pitch;
    const int tiles = (end - feature + 15) / 16;
    const int count = (tiles - warp + warps - 1) / warps;  // of this warp: warp, warp + warps, ...
    float sum[kFeatureTiles][groups][4] = {};
    if (by_rows) {
        const bool streams = end > resident_rows;
        const int step = streams ? product.matrix.depth : depth;
        for (int from = 0; from < depth; from += step) {
            const float* stage = streams ? shared + chunks.next() : shared;
            PgdWeights weights[kFeatureTiles];
#pragma unroll
            for (int i = 0; i < kFeatureTiles; ++i) {
                const int row = feature + 16 * (warp + i * warps);
                const bool stays = row < resident_rows;
                const int pitch = stays ? product.resident_pitch() : product.stage_pitch();
                weights[i] = {stays ? resident + row * pitch + from / kDepthWord
                                    : stage + (row - product.first_staged(feature)) * pitch,
                              pitch, 1};
            }
            multiply_tiles<precision>(weights, count, mine + from, operand_pitch, min(step, depth - from), sum);
        }
    } else {
        for (int from = 0; from < depth;) {
            const bool stays = from < resident_rows;  // one long chunk, always the first
            const float* rows = stays ? resident + feature : shared + chunks.next();
            const int pitch = stays ? product.resident_pitch() : product.stage_pitch();
            const int extent = stays ? resident_rows : min(product.matrix.depth, depth - from);
            PgdWeights weights[kFeatureTiles];
#pragma unroll
            for (int i = 0; i < kFeatureTiles; ++i) {
                weights[i] = {rows + 16 * (warp + i * warps), 1, pitch};
            }
            multiply_tiles<precision>(weights, count, mine + from, operand_pitch, extent, sum);
            from += extent;
        }
    }
    const int g = static_cast<int>(threadIdx.x) % 32 / 4;
    const int t = static_cast<int>(threadIdx.x) % 4;
    // A loop, with the sums moved down by a tile each time: unrolled the epilogue would be most of the kernel's code.
#pragma unroll 1
    for (int i = 0; i < count; ++i) {
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            const int at = feature + 16 * (warp + i * warps) + 8 * half + g;
            if (at < end) {
#pragma unroll
                for (int j = 0; j < groups; ++j) {
                    epilogue(at, example + 8 * j + 2 * t, sum[0][j][2 * half]);
                    epilogue(at, example + 8 * j + 2 * t + 1, sum[0][j][2 * half + 1]);
                }
            }
        }
#pragma unroll
        for (int next = 1; next < kFeatureTiles; ++next) {
#pragma unroll
            for (int j = 0; j < groups; ++j) {
#pragma unroll
                for (int e = 0; e < 4; ++e) {
                    sum[next - 1][j][e] = sum[next][j][e];
                }
            }
        }
    }
}

// The whole product: `operand` are the tile's rows of what it sums over.
template <bool back, PgdPrecision precision, class Epilogue>
DEVICE void tile_product(const PgdProduct<precision>& product, PgdChunks<precision>& chunks, const float* shared, int tile,
                         const float* operand, int operand_pitch, const Epilogue& epilogue) {
    for (int feature = 0; feature < product.features(); feature += product.matrix.features) {
        const int end = min(feature + product.matrix.features, product.features());
        if (tile > 8) {
            product_group<precision, back, 2>(product, chunks, shared, feature, end, tile, operand, operand_pitch, epilogue);
        } else {
            product_group<precision, back, 1>(product, chunks, shared, feature, end, tile, operand, operand_pitch, epilogue);
        }
    }
}
