// What the tests of normalisation share: how launches lie over rows and columns, and sums in the kernels' own order.
#pragma once

#include <algorithm>

#include "launch.h"
#include "reference.h"
#include "test.h"

namespace reference {

// As native/cpu/normalization.h has it.
struct Groups {
    long long rows;
    int columns;

    int chunks_each() const {
        const long long chunks = (rows + 31) / 32;
        const long long most = std::clamp((1 << 18) / columns, 1, 256);
        return static_cast<int>((chunks + most - 1) / most);
    }
    int count() const { return static_cast<int>(((rows + 31) / 32 + chunks_each() - 1) / chunks_each()); }
    size_t sums() const { return 2 * static_cast<size_t>(count()) * static_cast<size_t>(columns); }
    emu::Extent3 grid() const { return {static_cast<unsigned>(count()), blocks(columns, 32)}; }

    // The sum of term(row): chunks of 32 rows in order, the chunks of a group in order, the groups in order.
    template <class Term>
    double sum(const Term& term) const {
        double total = 0;
        for (long long group = 0; group < rows; group += 32LL * chunks_each()) {
            double of_group = 0;
            for (long long chunk = group; chunk < std::min(rows, group + 32LL * chunks_each()); chunk += 32) {
                double of_chunk = 0;
                for (long long row = chunk; row < std::min(rows, chunk + 32); row++) {
                    of_chunk += term(static_cast<size_t>(row));
                }
                of_group += of_chunk;
            }
            total += of_group;
        }
        return total;
    }
};

// A grid of matrix_place(columns).
inline emu::Extent3 matrix_grid(long long rows, int columns) {
    const long long together = 256 / std::min(columns, 256);
    return {blocks(columns, 256), static_cast<unsigned>(std::min(7LL, (rows + together - 1) / together))};
}

constexpr Groups kMatrices[] = {{1, 1}, {7, 33}, {32, 10}, {33, 128}, {100, 17}, {9000, 3}, {300, 785}};

// Mean and reciprocal root of a row.
struct Row {
    double mean, inverse;

    Row(int size, const float* x, float epsilon) {
        double sum = 0, squares = 0;
        for (int j = 0; j < size; j++) {
            sum += x[j];
        }
        mean = sum / size;
        for (int j = 0; j < size; j++) {
            squares += (x[j] - mean) * (x[j] - mean);
        }
        inverse = 1 / std::sqrt(squares / size + epsilon);
    }

    // A normalised value's error: mean, difference, root and product are rounded.
    double error(float x) const { return inverse * 0x1p-24 * (std::fabs(mean) + 3.1 * std::fabs(x - mean)); }
};

}  // namespace reference
