// What pgd_mlp is told: one struct by value, filled in by the launcher (PgdMlp.java) from a plan (PgdMlpPlan.java), which
// alone knows what lies where in a block's shared memory. Offsets and pitches in shared memory count 4-byte words from its
// start; a pitch is the distance between two rows.
//
// A block's shared memory, in any order, each part 16-byte aligned:
//   rows of the tile's examples, T of each: the input x; each layer's output, which its delta replaces on the way back; the
//   gradient at the logits; under L2 and L1 the gradient at the input. Pitches are multiples of 4 (bf16: 8), and at
//   least the width rounded up to a multiple of 8 (bf16: 16), for products on tensor cores read that far;
//   under L1, scratch for each warp;
//   resident weights: the first `resident_rows` rows of a layer's matrix, loaded once;
//   two stages, through which all other weights stream, chunk by chunk.
#pragma once

constexpr int kPgdLayers = 8;    // at most
constexpr int kPgdTile = 32;     // examples a block, at most
constexpr int kPgdThreads = 256; // a block, at most

// A matrix as products read it: its resident rows, and the chunks in which the others come. features: how many of the
// product's outputs are computed side by side, a multiple of 16; depth: how much of the sum a chunk covers, a multiple of 8
// (bf16: 16; float32 on the way back: 4). A chunk's rows in a stage lie depth + 4 words apart (bf16: depth / 2 + 4), and
// there is room for a group's staged rows in whole sixteens; on the way back, in float32 and tf32, rows are the depth,
// and lie features + 8 words apart.
struct PgdMlpMatrix {
    int resident;        // word offset of the resident rows
    int resident_rows;   // 0, a multiple of 16, or all of them
    int resident_pitch;  // words; the columns rounded up to a multiple of 16, plus 4 (bf16: plus 8 halves)
    int features;
    int depth;
};

struct PgdMlpLayer {
    const float* w;                  // out x in, any 4-byte aligned address
    const float* b;                  // out
    const unsigned short* forward;   // bf16 alone, by dense_prepare_bf16: out rows of in values rounded up to 8, 16-byte aligned
    const unsigned short* backward;  // bf16 alone: in rows of out values rounded up to 8, 16-byte aligned
    int in, out;
    int activation;  // sp_activation
    float slope;
    int output;        // word offset of this layer's T rows of outputs
    int output_pitch;  // words
    PgdMlpMatrix ahead;  // W, or the forward copy
    // The backward copy of bf16; in float32 and tf32 only features and depth count: the resident rows of W, which are part
    // of the depth of this product, serve both ways.
    PgdMlpMatrix back;
};

struct PgdMlp {
    PgdMlpLayer layer[kPgdLayers];
    const float* origin;   // n x d
    const int* labels;     // n
    const int* indices;    // n; may be null without a random start
    const int* cursor;     // null, or cursor[2] replaces the low 24 bits of stream (the epoch)
    float* x;              // n x d, overwritten with the last iterate; with keep not touched
    float* best_x;         // n x d, with keep
    float* best_objective; // n, with keep
    int* beaten;           // n, or null: rows with beaten[i] >= 0 are not moved; with keep the step that beat them is written
    int* zero_gradients;   // n, or null: incremented for each step in which all of a moving row's gradient is zero
    unsigned long long seed;
    int n;
    int layers;            // 1..kPgdLayers
    int norm;              // sp_norm
    int loss;              // sp_loss
    int steps;             // K, at least 0
    int start, targeted, keep;  // sp_start
    float step_size, epsilon;
    int top;               // L1 alone
    unsigned stream, restart;
    int tile;                           // T: 8, 16 or 32
    int x_rows, x_pitch;                // of the input, and under L2 and L1 the pitch of its gradient
    int gradient;                       // L2 and L1 alone: the gradient at the input
    int logit_gradient, logit_pitch;
    int stage, stage_words;             // the first stage, and how far the second lies behind it
    int streams;                        // whether any rows of weights are not resident
    int scratch;                        // L1 alone: kSelectWords words for each warp
};

static_assert(sizeof(PgdMlpMatrix) == 20 && sizeof(PgdMlpLayer) == 96, "the launcher writes this struct byte by byte");
static_assert(offsetof(PgdMlpLayer, in) == 32 && offsetof(PgdMlpLayer, output) == 48 &&
                      offsetof(PgdMlpLayer, ahead) == 56 && offsetof(PgdMlpLayer, back) == 76,
              "the launcher writes this struct byte by byte");
static_assert(offsetof(PgdMlp, origin) == 768 && offsetof(PgdMlp, zero_gradients) == 832 && offsetof(PgdMlp, seed) == 840 &&
                      offsetof(PgdMlp, n) == 848 && offsetof(PgdMlp, step_size) == 880 && offsetof(PgdMlp, tile) == 900 &&
                      offsetof(PgdMlp, streams) == 932 && offsetof(PgdMlp, scratch) == 936 && sizeof(PgdMlp) == 944,
              "the launcher writes this struct byte by byte");
