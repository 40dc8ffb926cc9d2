// Weights on their way into shared memory: which chunk comes when, and two stages that they take in turn, so that a chunk
// is under way while the one before it is being worked on. The order is that of the products of an attack step (forward
// through all layers, then backward), over and over: the next product's first chunk is fetched during the epilogue before it.
#pragma once

#include "parameters.cuh"

enum PgdPrecision { kPgdFloat32, kPgdTf32, kPgdBf16 };

DEVICE int round_up(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }

// Rows x columns of words from global to shared memory, and zeros from there up to padded_rows x padded_columns.
// Everything is copied in 16-byte pieces where all addresses allow it, else by words. Asynchronous, so
// that unrolled loops would only be more code.
DEVICE void copy_words(const float* source, size_t source_pitch, int rows, int columns, int padded_rows,
                       int padded_columns, float* target, int target_pitch) {
    const bool wide = (reinterpret_cast<size_t>(source) % 16 | source_pitch % 4 | columns % 4 | padded_columns % 4) == 0;
    const int piece = wide ? 4 : 1;
    // A row is a power of two of lanes wide: whole sectors of global memory, and no division.
    int lanes = 1;
#pragma unroll 1
    while (lanes < 32 && lanes * piece < padded_columns) {
        lanes *= 2;
    }
    const int lane = static_cast<int>(threadIdx.x) & (lanes - 1);
    const int step = static_cast<int>(blockDim.x) / lanes;
#pragma unroll 1
    for (int row = static_cast<int>(threadIdx.x) / lanes; row < padded_rows; row += step) {
        const float* from = source + row * source_pitch;
        float* to = target + row * target_pitch;
#pragma unroll 1
        for (int column = lane * piece; column < padded_columns; column += lanes * piece) {
            if (row < rows && column < columns) {
                if (wide) {
                    cp_async<16>(to + column, from + column);
                } else {
                    cp_async<4>(to + column, from + column);
                }
            } else {
#pragma unroll 1
                for (int i = 0; i < piece; ++i) {
                    to[column + i] = 0.0f;
                }
            }
        }
    }
}

// One product of an attack step. A feature is an output of it, the depth what it sums over.
template <PgdPrecision precision>
struct PgdProduct {
    const PgdMlpLayer& layer;
    const PgdMlpMatrix& matrix;
    bool back;

    // Products 0 .. layers-1 go forward, the others backward.
    DEVICE PgdProduct(const PgdMlp& p, int index)
        : layer(p.layer[index < p.layers ? index : 2 * p.layers - 1 - index]),
          matrix(index < p.layers ? layer.ahead : layer.back), back(index >= p.layers) {}

    // Whether features are rows of the matrix; else they are its columns, and depth its rows.
    DEVICE bool by_rows() const { return precision == kPgdBf16 || !back; }
    DEVICE int features() const { return back ? layer.in : layer.out; }
    DEVICE int depth() const { return back ? layer.out : layer.in; }
    DEVICE int resident_rows() const { return by_rows() ? matrix.resident_rows : layer.ahead.resident_rows; }
    DEVICE int resident() const { return by_rows() ? matrix.resident : layer.ahead.resident; }
    DEVICE int resident_pitch() const { return by_rows() ? matrix.resident_pitch : layer.ahead.resident_pitch; }
    DEVICE bool streams() const { return resident_rows() < (by_rows() ? features() : depth()); }
    // Depth at which chunks begin: what is before is resident for all features.
    DEVICE int first_depth() const { return by_rows() ? 0 : resident_rows(); }
    // The first feature whose weights, or part of them, are not resident, down to a whole group of features.
    DEVICE int first_feature() const { return by_rows() ? resident_rows() / matrix.features * matrix.features : 0; }
    // The first feature of a group that comes through a stage.
    DEVICE int first_staged(int feature) const { return by_rows() ? max(feature, resident_rows()) : feature; }
    DEVICE int stage_pitch() const {
        return by_rows() ? (precision == kPgdBf16 ? matrix.depth / 2 : matrix.depth) + 4 : matrix.features + 8;
    }

    // Starts the copies of one chunk: the group of features from `feature` on, depth from `from` on.
    DEVICE void fetch(int feature, int from, float* stage) const {
        constexpr int kPad = precision == kPgdFloat32 ? 1 : 8;  // a product on tensor cores takes 8 words of depth at a time
        const int begin = first_staged(feature);
        const int count = min(feature + matrix.features, features()) - begin;
        if (precision == kPgdBf16) {
            const unsigned short* copy = back ? layer.backward : layer.forward;
            const int pitch = round_up(depth(), 8) / 2;
            const int words = min(matrix.depth / 2, pitch - from / 2);
            copy_words(reinterpret_cast<const float*>(copy) + static_cast<size_t>(begin) * pitch + from / 2, pitch, count,
                       words, count, round_up(words, kPad), stage, stage_pitch());
        } else {
            const int extent = min(matrix.depth, depth() - from);
            const size_t pitch = layer.in;
            const int padded = round_up(extent, kPad);
            const float* source = layer.w + (back ? from * pitch + begin : begin * pitch + from);
            copy_words(source, pitch, back ? extent : count, back ? count : extent, back ? padded : count,
                       back ? count : padded, stage, stage_pitch());
        }
    }

    // Starts the copies of the resident rows of the product's own matrix.
    DEVICE void fetch_resident(float* shared) const {
        constexpr int kPad = precision == kPgdFloat32 ? 1 : 8;
        const int rows = matrix.resident_rows;
        if (rows == 0 || !by_rows()) {
            return;
        }
        if (precision == kPgdBf16) {
            const int pitch = round_up(depth(), 8) / 2;
            copy_words(reinterpret_cast<const float*>(back ? layer.backward : layer.forward), pitch, rows, pitch, rows,
                       round_up(pitch, kPad), shared + matrix.resident, matrix.resident_pitch);
        } else {
            copy_words(layer.w, layer.in, rows, layer.in, round_up(rows, kPad), round_up(layer.in, kPad),
                       shared + matrix.resident, matrix.resident_pitch);
        }
    }
};

// All chunks of all products, in the order in which they are used.
template <PgdPrecision precision>
class PgdChunks {
public:
    DEVICE PgdChunks(const PgdMlp& p, float* shared) : p_(p), shared_(shared) {
        for (int index = 0; index < 2 * p.layers; ++index) {
            PgdProduct<precision>(p, index).fetch_resident(shared);
        }
        if (p.streams != 0) {
            skip_resident();
            fetch();
        } else {
            cp_async_commit();
        }
    }

    // The next chunk, once it is there for all threads; the one after it is then on its way. All threads together.
    DEVICE int next() {
        cp_async_wait<0>();
        __syncthreads();
        const int ready = p_.stage + taken_ * p_.stage_words;
        taken_ ^= 1;
        fetch();
        return ready;
    }

    // Nothing is under way any more, and what came is there for all threads.
    DEVICE static void drain() {
        cp_async_wait<0>();
        __syncthreads();
    }

private:
    // Starts the chunk at (product, feature, depth), and moves on to the one after it.
    DEVICE void fetch() {
        const PgdProduct<precision> product(p_, product_);
        product.fetch(feature_, depth_, shared_ + p_.stage + taken_ * p_.stage_words);
        cp_async_commit();
        depth_ += product.matrix.depth;
        if (depth_ >= product.depth()) {
            depth_ = product.first_depth();
            feature_ += product.matrix.features;
            if (feature_ >= product.features()) {
                product_ = product_ + 1 == 2 * p_.layers ? 0 : product_ + 1;
                skip_resident();
            }
        }
    }

    // From product_ on, the first product that needs chunks.
    DEVICE void skip_resident() {
        while (!PgdProduct<precision>(p_, product_).streams()) {
            product_ = product_ + 1 == 2 * p_.layers ? 0 : product_ + 1;
        }
        feature_ = PgdProduct<precision>(p_, product_).first_feature();
        depth_ = PgdProduct<precision>(p_, product_).first_depth();
    }

    const PgdMlp& p_;
    float* shared_;
    int product_ = 0;
    int feature_ = 0;
    int depth_ = 0;
    int taken_ = 0;
};
