// The matrix product under all dense operations: C[r][c] = sum over k of A[r][k] * B[k][c], then an epilogue.
//
// The plain version, one thread an element of C:
//
//     float sum = 0;
//     for (int k = 0; k < depth; ++k) sum = fmaf(A(r, k), B(k, c), sum);
//     epilogue(r, c, sum);
//
// The tiled version below does the same in the same order, whatever tile an element falls into, so its bits depend neither
// on the number of rows nor on the tile. In float32 they are those of the plain version and of the CPU device. With tf32
// and bf16 operands the tensor core adds 8 or 16 products a step in an order of its own; the steps go with ascending k.
//
// - A block of 128 threads owns a tile of C. Its four warps lie 2 x 2, each with 16 * MM rows and 8 * MN columns: 4 x 8
//   lanes of 4 * MM x MN elements in float32, MM x MN fragments of m16n8 on tensor cores.
// - Operands move through kStages buffers of 16 ks in shared memory by cp.async, of 16 bytes where addresses and row lengths
//   allow, else 4. Each keeps the orientation that it has in global memory, so nothing is transposed on the way. Rows are
//   padded so that fragments are read without bank conflicts.
// - Shared memory holds float32 whatever the precision: operands are rounded when a fragment is read. That costs shared
//   bandwidth in bf16 (half of the tensor cores' rate at best), and buys one pipeline for all, and exact bias gradients from
//   the same tiles.
// - The finished tile passes through shared memory, so that the epilogue works on runs of four columns of a row, in a loop
//   that is not unrolled, however the sums were spread over lanes.
#pragma once

enum class Precision { kFloat32, kTf32, kBf16 };

// Which index is contiguous in memory: an operand's depth (x in x W^T) or its rows or columns (W in dy W).
enum class Layout { kDepthInner, kDepthOuter };

template <int kFragmentRows, int kFragmentColumns>
struct Tile {
    static constexpr int kM = kFragmentRows;
    static constexpr int kN = kFragmentColumns;
    static constexpr int kRows = 32 * kM;
    static constexpr int kColumns = 16 * kN;
};
using WideTile = Tile<2, 4>;    // 64 x 64
using MediumTile = Tile<1, 2>;  // 32 x 32
using NarrowTile = Tile<1, 1>;  // 32 x 16

constexpr int kGemmThreads = 128;
// Threads, and blocks a multiprocessor: without the second the compiler spills to make room for a fifth or sixth block.
#define GEMM_BLOCK kGemmThreads, 4
constexpr int kStep = 16;  // ks in a buffer
constexpr int kStages = 3;
// Floats of shared memory that a kernel of this precision declares, whatever the tile.
template <Precision precision>
constexpr int kGemmShared = kStages * 2 * 64 * (kStep + (precision == Precision::kBf16 ? 8 : 4));

// One operand of a product: `extent` rows (of A) or columns (of B), `stride` floats apart in memory from one row of it, as
// stored, to the next; as stored, rows are whole (the depth, or the extent, is the stride).
struct Operand {
    const float* data;
    int extent;
    int stride;
};

// Where an operand's tile of kExtent rows or columns lies in its buffer.
template <Layout layout, Precision precision, int kExtent>
struct Buffer {
    static constexpr bool kInner = layout == Layout::kDepthInner;
    static constexpr int kPad = (precision == Precision::kBf16) == kInner ? 8 : 4;
    static constexpr int kStride = (kInner ? kStep : kExtent) + kPad;
    static constexpr int kFloats = kStride * (kInner ? kExtent : kStep);

    DEVICE static int at(int i, int k) {
        return kInner ? i * kStride + k : k * kStride + i;
    }

    // Starts copying rows or columns first.. at depth k.. from memory; what lies outside becomes zero.
    template <int kFloatsEach>
    DEVICE static void load_runs(const Operand& o, int depth, int first, int k, float* buffer) {
        constexpr int kRun = kInner ? kStep : kExtent;
        constexpr int kRuns = kInner ? kExtent : kStep;
        constexpr int kPieces = kRun / kFloatsEach;
        const int run_first = kInner ? first : k;
        const int run_end = kInner ? o.extent : depth;
        const int inner_first = kInner ? k : first;
        const int inner_end = kInner ? depth : o.extent;
        static_assert(kGemmThreads % kPieces == 0, "a thread stays at one place of its runs");
        constexpr int kRunsEach = kGemmThreads / kPieces;  // at a time
        const int thread = static_cast<int>(threadIdx.x);
        const int run = thread / kPieces;
        const int inner = thread % kPieces * kFloatsEach;
        const bool inside = inner_first + inner < inner_end;
        const size_t stride = static_cast<size_t>(o.stride);
        size_t from = static_cast<size_t>(run_first + run) * stride + static_cast<size_t>(inner_first + inner);
        float* to = buffer + run * kStride + inner;
        // Single floats are many, and slow whatever is done: unrolled they would be most of the kernel's code.
#pragma unroll(kFloatsEach == 4 ? kRuns : 2)
        for (int r = 0; r < kRuns; r += kRunsEach) {
            if (kRuns % kRunsEach == 0 || run + r < kRuns) {
                if (inside && run_first + run + r < run_end) {
                    cp_async<4 * kFloatsEach>(to, o.data + from);
                } else {
#pragma unroll
                    for (int f = 0; f < kFloatsEach; ++f) {
                        to[f] = 0.0f;
                    }
                }
            }
            from += kRunsEach * stride;
            to += kRunsEach * kStride;
        }
    }

    // aligned: the data's address and the stride are multiples of 16 bytes, so a run's pieces of four exist as a whole or
    // not at all.
    DEVICE static void load(const Operand& o, bool aligned, int depth, int first, int k, float* buffer) {
        if (aligned) {
            load_runs<4>(o, depth, first, k, buffer);
        } else {
            load_runs<1>(o, depth, first, k, buffer);
        }
    }
};

// ---- float32: a lane's elements of a warp's tile, along one of its sides ----

// kCount elements a lane, kLanes lanes along the side: neighbours among lanes where the depth is contiguous, runs of up to
// four a lane where the side is (for vector reads).
template <Layout layout, int kCount, int kLanes>
struct Side {
    static constexpr int kRun = layout == Layout::kDepthInner ? 1 : (kCount < 4 ? kCount : 4);

    DEVICE static int at(int lane, int i) {
        return i / kRun * kRun * kLanes + lane * kRun + i % kRun;
    }

    // out[i][q] = the operand's element i at depth k + q; k is a multiple of four.
    template <class AnyBuffer>
    DEVICE static void read(const float* buffer, int first, int lane, int k, float (&out)[kCount][4]) {
        if constexpr (layout == Layout::kDepthInner) {
#pragma unroll
            for (int i = 0; i < kCount; ++i) {
                const float4 v = *reinterpret_cast<const float4*>(buffer + AnyBuffer::at(first + at(lane, i), k));
                out[i][0] = v.x;
                out[i][1] = v.y;
                out[i][2] = v.z;
                out[i][3] = v.w;
            }
        } else {
#pragma unroll
            for (int q = 0; q < 4; ++q) {
#pragma unroll
                for (int i = 0; i < kCount; i += kRun) {
                    const float* from = buffer + AnyBuffer::at(first + at(lane, i), k + q);
                    if constexpr (kRun == 4) {
                        const float4 v = *reinterpret_cast<const float4*>(from);
                        out[i][q] = v.x;
                        out[i + 1][q] = v.y;
                        out[i + 2][q] = v.z;
                        out[i + 3][q] = v.w;
                    } else if constexpr (kRun == 2) {
                        const float2 v = *reinterpret_cast<const float2*>(from);
                        out[i][q] = v.x;
                        out[i + 1][q] = v.y;
                    } else {
                        out[i][q] = *from;
                    }
                }
            }
        }
    }
};

// ---- a warp's sums ----

template <Precision precision, class AnyTile, Layout a_layout, Layout b_layout>
struct WarpSums;

template <class AnyTile, Layout a_layout, Layout b_layout>
struct WarpSums<Precision::kFloat32, AnyTile, a_layout, b_layout> {
    static constexpr int kRows = 4 * AnyTile::kM;
    static constexpr int kColumns = AnyTile::kN;
    using A = Buffer<a_layout, Precision::kFloat32, AnyTile::kRows>;
    using B = Buffer<b_layout, Precision::kFloat32, AnyTile::kColumns>;
    using RowSide = Side<a_layout, kRows, 4>;
    using ColumnSide = Side<b_layout, kColumns, 8>;

    float sums[kRows][kColumns] = {};

    DEVICE void add(const float* a, const float* b, int row, int column, int lane) {
#pragma unroll 2
        for (int k = 0; k < kStep; k += 4) {
            float left[kRows][4];
            float right[kColumns][4];
            RowSide::template read<A>(a, row, lane / 8, k, left);
            ColumnSide::template read<B>(b, column, lane % 8, k, right);
#pragma unroll
            for (int q = 0; q < 4; ++q) {
#pragma unroll
                for (int i = 0; i < kRows; ++i) {
#pragma unroll
                    for (int j = 0; j < kColumns; ++j) {
                        sums[i][j] = fmaf(left[i][q], right[j][q], sums[i][j]);
                    }
                }
            }
        }
    }

    template <class Put>
    DEVICE void each(int row, int column, int lane, const Put& put) const {
#pragma unroll
        for (int i = 0; i < kRows; ++i) {
#pragma unroll
            for (int j = 0; j < kColumns; ++j) {
                put(row + RowSide::at(lane / 8, i), column + ColumnSide::at(lane % 8, j), sums[i][j]);
            }
        }
    }
};

// tf32 and bf16: fragments of m16n8 (mma_* of prelude.cuh), g = lane / 4, t = lane % 4.
template <class AnyTile>
struct FragmentSums {
    float sums[AnyTile::kM][AnyTile::kN][4] = {};

    template <class Put>
    DEVICE void each(int row, int column, int lane, const Put& put) const {
#pragma unroll
        for (int m = 0; m < AnyTile::kM; ++m) {
#pragma unroll
            for (int n = 0; n < AnyTile::kN; ++n) {
#pragma unroll
                for (int e = 0; e < 4; ++e) {
                    put(row + 16 * m + lane / 4 + e / 2 * 8, column + 8 * n + lane % 4 * 2 + e % 2, sums[m][n][e]);
                }
            }
        }
    }
};

template <class AnyTile, Layout a_layout, Layout b_layout>
struct WarpSums<Precision::kTf32, AnyTile, a_layout, b_layout> : FragmentSums<AnyTile> {
    using A = Buffer<a_layout, Precision::kTf32, AnyTile::kRows>;
    using B = Buffer<b_layout, Precision::kTf32, AnyTile::kColumns>;

    DEVICE void add(const float* a, const float* b, int row, int column, int lane) {
        const int g = lane / 4;
        const int t = lane % 4;
#pragma unroll
        for (int k = 0; k < kStep; k += 8) {
            uint32_t right[AnyTile::kN][2];
#pragma unroll
            for (int n = 0; n < AnyTile::kN; ++n) {
                right[n][0] = to_tf32(b[B::at(column + 8 * n + g, k + t)]);
                right[n][1] = to_tf32(b[B::at(column + 8 * n + g, k + t + 4)]);
            }
#pragma unroll
            for (int m = 0; m < AnyTile::kM; ++m) {
                const int r = row + 16 * m + g;
                const uint32_t left[4] = {to_tf32(a[A::at(r, k + t)]), to_tf32(a[A::at(r + 8, k + t)]),
                                          to_tf32(a[A::at(r, k + t + 4)]), to_tf32(a[A::at(r + 8, k + t + 4)])};
#pragma unroll
                for (int n = 0; n < AnyTile::kN; ++n) {
                    mma_m16n8k8_tf32(this->sums[m][n], left, right[n]);
                }
            }
        }
    }
};

template <class AnyTile, Layout a_layout, Layout b_layout>
struct WarpSums<Precision::kBf16, AnyTile, a_layout, b_layout> : FragmentSums<AnyTile> {
    using A = Buffer<a_layout, Precision::kBf16, AnyTile::kRows>;
    using B = Buffer<b_layout, Precision::kBf16, AnyTile::kColumns>;

    // Element i at depths k (even) and k + 1.
    template <class AnyBuffer>
    DEVICE static uint32_t pair(const float* buffer, int i, int k) {
        if constexpr (AnyBuffer::kInner) {
            const float2 v = *reinterpret_cast<const float2*>(buffer + AnyBuffer::at(i, k));
            return pack_bf16(v.x, v.y);
        } else {
            return pack_bf16(buffer[AnyBuffer::at(i, k)], buffer[AnyBuffer::at(i, k + 1)]);
        }
    }

    DEVICE void add(const float* a, const float* b, int row, int column, int lane) {
        const int g = lane / 4;
        const int t = lane % 4;
        uint32_t right[AnyTile::kN][2];
#pragma unroll
        for (int n = 0; n < AnyTile::kN; ++n) {
            right[n][0] = pair<B>(b, column + 8 * n + g, 2 * t);
            right[n][1] = pair<B>(b, column + 8 * n + g, 2 * t + 8);
        }
#pragma unroll
        for (int m = 0; m < AnyTile::kM; ++m) {
            const int r = row + 16 * m + g;
            const uint32_t left[4] = {pair<A>(a, r, 2 * t), pair<A>(a, r + 8, 2 * t), pair<A>(a, r, 2 * t + 8),
                                      pair<A>(a, r + 8, 2 * t + 8)};
#pragma unroll
            for (int n = 0; n < AnyTile::kN; ++n) {
                mma_m16n8k16_bf16(this->sums[m][n], left, right[n]);
            }
        }
    }
};

// ---- the block ----

// The loop of a block: `steps` buffers of kStep ks, filled by load(buffer of A, buffer of B), which starts the copies of the
// next step each time it is called, then epilogue(row, column, values of the row's columns column .. column + 3), both counted
// inside the tile, for each run of four. All threads of a warp call it together. `watch` sees each of A's buffers, in order
// of k: watch(buffer, at(i, k)).
template <Precision precision, class AnyTile, Layout a_layout, Layout b_layout, class Load, class Watch, class Epilogue>
DEVICE void tile_loop(int steps, float* shared, const Load& load, const Watch& watch, const Epilogue& epilogue) {
    using Sums = WarpSums<precision, AnyTile, a_layout, b_layout>;
    using A = typename Sums::A;
    using B = typename Sums::B;
    constexpr int kStage = A::kFloats + B::kFloats;
    constexpr int kStaged = AnyTile::kColumns + 4;  // a row of the finished tile
    static_assert(kStages * kStage <= kGemmShared<precision> && AnyTile::kRows * kStaged <= kGemmShared<precision>,
                  "shared memory");
    static_assert(kStage % 4 == 0 && A::kFloats % 4 == 0, "buffers begin at multiples of 16 bytes");

    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int warp = static_cast<int>(threadIdx.x) / 32;
    const int row = warp / 2 * 16 * AnyTile::kM;
    const int column = warp % 2 * 8 * AnyTile::kN;
    const auto start = [&](int step) {
        if (step < steps) {
            float* stage = shared + step % kStages * kStage;
            load(stage, stage + A::kFloats);
        }
        cp_async_commit();
    };

    Sums sums;
#pragma unroll 1
    for (int step = 0; step < kStages - 1; ++step) {
        start(step);
    }
#pragma unroll 1
    for (int step = 0; step < steps; ++step) {
        cp_async_wait<kStages - 2>();
        __syncthreads();  // this step's buffers are there, and nobody reads those of the step before any more
        start(step + kStages - 1);
        const float* stage = shared + step % kStages * kStage;
        watch(stage, [](int i, int k) { return A::at(i, k); });
        sums.add(stage, stage + A::kFloats, row, column, lane);
    }
    cp_async_wait<0>();
    __syncthreads();
    sums.each(row, column, lane, [&](int r, int c, float sum) { shared[r * kStaged + c] = sum; });
    __syncthreads();
#pragma unroll 1
    for (int run = static_cast<int>(threadIdx.x); run < AnyTile::kRows * AnyTile::kColumns / 4; run += kGemmThreads) {
        const int r = run / (AnyTile::kColumns / 4);
        const int c = run % (AnyTile::kColumns / 4) * 4;
        epilogue(r, c, *reinterpret_cast<const float4*>(shared + r * kStaged + c));
    }
}

// Computes the tile of C that starts at row blockIdx.x * kRows and column blockIdx.y * kColumns, then calls
// epilogue(row, column, inside, values) for each run of four that begins inside C; a run may reach past C's last column.
// Where `inside` is false the run lies outside C.
template <Precision precision, class AnyTile, Layout a_layout, Layout b_layout, class Watch, class Epilogue>
DEVICE void tile_product(const Operand& a, const Operand& b, int depth, float* shared, const Watch& watch,
                         const Epilogue& epilogue) {
    using Sums = WarpSums<precision, AnyTile, a_layout, b_layout>;
    const int first_row = static_cast<int>(blockIdx.x) * AnyTile::kRows;
    const int first_column = static_cast<int>(blockIdx.y) * AnyTile::kColumns;
    const bool a_aligned = is_aligned16(a.data) && a.stride % 4 == 0;
    const bool b_aligned = is_aligned16(b.data) && b.stride % 4 == 0;
    int k = 0;
    tile_loop<precision, AnyTile, a_layout, b_layout>(
            (depth + kStep - 1) / kStep, shared,
            [&](float* a_buffer, float* b_buffer) {
                Sums::A::load(a, a_aligned, depth, first_row, k, a_buffer);
                Sums::B::load(b, b_aligned, depth, first_column, k, b_buffer);
                k += kStep;
            },
            watch,
            [&](int r, int c, float4 values) {
                epilogue(first_row + r, first_column + c, first_row + r < a.extent && first_column + c < b.extent, values);
            });
}

// The tile by the width of the product alone, never by the number of rows: its bits are the same either way, and so is its
// speed for an example whatever else is in the batch. The launchers' grids follow the same rule.
template <Precision precision, Layout a_layout, Layout b_layout, class Watch, class Epilogue>
DEVICE void product(int width, const Operand& a, const Operand& b, int depth, float* shared, const Watch& watch,
                    const Epilogue& epilogue) {
    if (width <= 16) {
        tile_product<precision, NarrowTile, a_layout, b_layout>(a, b, depth, shared, watch, epilogue);
    } else if (width <= 256) {
        tile_product<precision, MediumTile, a_layout, b_layout>(a, b, depth, shared, watch, epilogue);
    } else {
        tile_product<precision, WideTile, a_layout, b_layout>(a, b, depth, shared, watch, epilogue);
    }
}

DEVICE int tile_rows(int width) {
    return width <= 256 ? MediumTile::kRows : WideTile::kRows;
}
