// The float32 product of a tile: each output is one chain of fmaf over the depth from 0 on, as on every other path, whatever
// the thread, group of features or chunk it falls to.
//
// A thread computes `outputs` features, a whole number of lanes apart, of `examples` neighbouring examples. Weights are
// read by neighbouring lanes from neighbouring rows (pitch 4 modulo 8: no bank conflicts) or columns; operands are
// broadcast within a warp. Both come four depths at a time.
#pragma once

#include "chunks.cuh"

// How a group of features is shared among threads: thread = set * lanes + lane computes features lane, lane + lanes, ...
// of the examples of its set.
struct PgdShare {
    int lanes;
    int lane;     // -1: this thread has nothing to do
    int example;  // the first of this thread

    DEVICE PgdShare(int features, int tile, int outputs, int examples) {
        lanes = (features + outputs - 1) / outputs;
        lanes = examples > 1 ? round_up(lanes, 32) : lanes;  // a warp on one set of examples reads them by broadcast
        const int thread = static_cast<int>(threadIdx.x);
        const int set = thread / lanes;
        const bool busy = set * examples < tile;
        lane = busy ? thread - set * lanes : -1;
        example = busy ? set * examples : 0;
    }
    DEVICE static int threads(int features, int tile, int outputs, int examples) {
        const int lanes = (features + outputs - 1) / outputs;
        return (examples > 1 ? round_up(lanes, 32) : lanes) * (tile / examples);
    }
    DEVICE static bool fits(int features, int tile, int outputs, int examples) {
        return threads(features, tile, outputs, examples) <= static_cast<int>(blockDim.x);
    }
};

// sum[r][e] += W[row r][k] * operand[e][k], k = 0 .. depth-1; weights[r] points at row r.
template <int outputs, int examples>
DEVICE void multiply_rows(const float* const (&weights)[outputs], const float* operand, int operand_pitch, int depth,
                          float (&sum)[outputs][examples]) {
    int k = 0;
#pragma unroll(outputs * examples <= 4 ? 4 : 1)
    for (; k + 4 <= depth; k += 4) {
        float4 w[outputs];
#pragma unroll
        for (int r = 0; r < outputs; ++r) {
            w[r] = *reinterpret_cast<const float4*>(weights[r] + k);
        }
#pragma unroll
        for (int e = 0; e < examples; ++e) {
            const float4 v = *reinterpret_cast<const float4*>(operand + e * operand_pitch + k);
#pragma unroll
            for (int r = 0; r < outputs; ++r) {
                sum[r][e] = fmaf(v.x, w[r].x, sum[r][e]);
                sum[r][e] = fmaf(v.y, w[r].y, sum[r][e]);
                sum[r][e] = fmaf(v.z, w[r].z, sum[r][e]);
                sum[r][e] = fmaf(v.w, w[r].w, sum[r][e]);
            }
        }
    }
    for (; k < depth; ++k) {
#pragma unroll
        for (int r = 0; r < outputs; ++r) {
#pragma unroll
            for (int e = 0; e < examples; ++e) {
                sum[r][e] = fmaf(operand[e * operand_pitch + k], weights[r][k], sum[r][e]);
            }
        }
    }
}

// sum[r][e] += W[k][column r] * operand[e][k]; weights points at row 0.
template <int outputs, int examples>
DEVICE void multiply_columns(const float* weights, int pitch, const int (&column)[outputs], const float* operand,
                             int operand_pitch, int depth, float (&sum)[outputs][examples]) {
    int k = 0;
    for (; k + 4 <= depth; k += 4) {
        float4 v[examples];
#pragma unroll
        for (int e = 0; e < examples; ++e) {
            v[e] = *reinterpret_cast<const float4*>(operand + e * operand_pitch + k);
        }
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            float w[outputs];
#pragma unroll
            for (int r = 0; r < outputs; ++r) {
                w[r] = weights[(k + i) * pitch + column[r]];
            }
#pragma unroll
            for (int e = 0; e < examples; ++e) {
                const float value = i == 0 ? v[e].x : i == 1 ? v[e].y : i == 2 ? v[e].z : v[e].w;
#pragma unroll
                for (int r = 0; r < outputs; ++r) {
                    sum[r][e] = fmaf(value, w[r], sum[r][e]);
                }
            }
        }
    }
    for (; k < depth; ++k) {
#pragma unroll
        for (int r = 0; r < outputs; ++r) {
            const float w = weights[k * pitch + column[r]];
#pragma unroll
            for (int e = 0; e < examples; ++e) {
                sum[r][e] = fmaf(operand[e * operand_pitch + k], w, sum[r][e]);
            }
        }
    }
}

// One group of features [feature, end) of a product, then epilogue(feature, example, sum) of each output once. All threads
// of the block together.
template <bool back, int outputs, int examples, class Epilogue>
DEVICE void product_group(const PgdProduct<kPgdFloat32>& product, PgdChunks<kPgdFloat32>& chunks, const float* shared,
                          int feature, int end, int tile, const float* operand, int operand_pitch,
                          const Epilogue& epilogue) {
    const PgdShare share(end - feature, tile, outputs, examples);
    const bool busy = share.lane >= 0;
    const int depth = product.depth();
    const int resident_rows = product.resident_rows();
    const float* resident = shared + product.resident();
    const float* mine = operand + share.example * operand_pitch;
    // A lane beyond the group works on its last feature and forgets the result.
    int at[outputs];
#pragma unroll
    for (int r = 0; r < outputs; ++r) {
        at[r] = min(share.lane + r * share.lanes, end - feature - 1);
    }
    float sum[outputs][examples] = {};
    if (back) {
        for (int from = 0; from < depth;) {
            const bool stays = from < resident_rows;  // one long chunk, always the first
            const float* weights = stays ? resident + feature : shared + chunks.next();
            const int extent = stays ? resident_rows : min(product.matrix.depth, depth - from);
            if (busy) {
                multiply_columns(weights, stays ? product.resident_pitch() : product.stage_pitch(), at, mine + from,
                                 operand_pitch, extent, sum);
            }
            from += extent;
        }
    } else {
        const bool streams = end > resident_rows;
        const int step = streams ? product.matrix.depth : depth;
        for (int from = 0; from < depth; from += step) {
            const float* stage = streams ? shared + chunks.next() : shared;
            if (busy) {
                const float* weights[outputs];
#pragma unroll
                for (int r = 0; r < outputs; ++r) {
                    const int row = feature + at[r];
                    weights[r] = row < resident_rows
                            ? resident + row * product.resident_pitch() + from
                            : stage + (row - product.first_staged(feature)) * product.stage_pitch();
                }
                multiply_rows(weights, mine + from, operand_pitch, min(step, depth - from), sum);
            }
        }
    }
    // A loop, with the sums moved down by a step each time: unrolled the epilogue would be most of the kernel's code.
    constexpr int kTogether = examples < 2 ? examples : 2;
#pragma unroll 1
    for (int first = 0; first < examples; first += kTogether) {
#pragma unroll
        for (int e = 0; e < kTogether; ++e) {
#pragma unroll
            for (int r = 0; r < outputs; ++r) {
                const int own = share.lane + r * share.lanes;
                if (busy && own < end - feature) {
                    epilogue(feature + own, share.example + first + e, sum[r][e]);
                }
            }
        }
#pragma unroll
        for (int e = 0; e + kTogether < examples; ++e) {
#pragma unroll
            for (int r = 0; r < outputs; ++r) {
                sum[r][e] = sum[r][e + kTogether];
            }
        }
    }
}

// The whole product: `operand` are the tile's rows of what it sums over.
template <bool back, class Epilogue>
DEVICE void tile_product(const PgdProduct<kPgdFloat32>& product, PgdChunks<kPgdFloat32>& chunks, const float* shared,
                         int tile, const float* operand, int operand_pitch, const Epilogue& epilogue) {
    for (int feature = 0; feature < product.features(); feature += product.matrix.features) {
        const int end = min(feature + product.matrix.features, product.features());
        // The largest share of a thread that leaves a warp for each of the four schedulers: fewest loads a fmaf.
        const auto serves = [&](int outputs, int examples) {
            return PgdShare::threads(end - feature, tile, outputs, examples) >= 128
                   && PgdShare::fits(end - feature, tile, outputs, examples);
        };
        if (serves(4, 8) || !PgdShare::fits(end - feature, tile, 2, 8)) {
            product_group<back, 4, 8>(product, chunks, shared, feature, end, tile, operand, operand_pitch, epilogue);
        } else if (serves(2, 8) || !PgdShare::fits(end - feature, tile, 2, 4)) {
            product_group<back, 2, 8>(product, chunks, shared, feature, end, tile, operand, operand_pitch, epilogue);
        } else if (serves(2, 4) || !PgdShare::fits(end - feature, tile, 1, 1)) {
            product_group<back, 2, 4>(product, chunks, shared, feature, end, tile, operand, operand_pitch, epilogue);
        } else {
            product_group<back, 1, 1>(product, chunks, shared, feature, end, tile, operand, operand_pitch, epilogue);
        }
    }
}
