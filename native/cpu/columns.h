// Sums over the rows of a matrix, column by column: see RowGroups for their order.
#pragma once

#include <algorithm>

#include "level.h"
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

constexpr int64_t kColumns = 512;  // that are summed together: their sums fill 8 KiB of the first-level cache

// One chunk's rows [row, row_end) of `width` columns from `column` on, added to first and second.
template <int kFixed, class Term>
inline void chunk_sums(int64_t row, int64_t row_end, int64_t column, int64_t width, const Term& term,
                       double* __restrict first, double* __restrict second) {
    const int64_t count = kFixed > 0 ? kFixed : width;
    for (int64_t r = row; r < row_end; ++r) {
        const auto in_row = term(r, column);
        for (int64_t c = 0; c < count; ++c) {
            in_row(c, first[c], second[c]);
        }
    }
}

// The two sums of each column over groups [begin, end) of rows, to sums[group][2][columns]. term(r, column)(c, first,
// second) adds what row r has for column + c; each_chunk(r, r_end) is called before a chunk's rows are.
template <class EachChunk, class Term>
void column_sums(const RowGroups& shape, int64_t begin, int64_t end, double* sums, const EachChunk& each_chunk,
                 const Term& term) {
    const int64_t columns = shape.columns;
    for (int64_t group = begin; group < end; ++group) {
        double* first_sums = sums + 2 * group * columns;
        double* second_sums = first_sums + columns;
        std::fill(first_sums, first_sums + 2 * columns, 0.0);
        const int64_t group_end = std::min(shape.rows, (group + 1) * shape.chunks_each() * kChunk);
        for (int64_t row = group * shape.chunks_each() * kChunk; row < group_end; row += kChunk) {
            const int64_t row_end = std::min(group_end, row + kChunk);
            each_chunk(row, row_end);
            for (int64_t column = 0; column < columns; column += kColumns) {
                const int64_t width = std::min(kColumns, columns - column);
                alignas(64) double first[kColumns] = {};
                alignas(64) double second[kColumns] = {};
                switch (width) {
                    case 64: chunk_sums<64>(row, row_end, column, width, term, first, second); break;
                    case 32: chunk_sums<32>(row, row_end, column, width, term, first, second); break;
                    case 16: chunk_sums<16>(row, row_end, column, width, term, first, second); break;
                    default: chunk_sums<0>(row, row_end, column, width, term, first, second); break;
                }
                for (int64_t c = 0; c < width; ++c) {
                    first_sums[column + c] += first[c];
                    second_sums[column + c] += second[c];
                }
            }
        }
    }
}

// Calls use(column, first sum, second sum) for columns [column, column_end): the groups in order.
template <class Use>
void add_groups(const RowGroups& shape, int64_t column, int64_t column_end, const double* sums, const Use& use) {
    for (int64_t c = column; c < column_end; ++c) {
        double first = 0.0;
        double second = 0.0;
        for (int64_t group = 0; group < shape.count(); ++group) {
            first += sums[2 * group * shape.columns + c];
            second += sums[(2 * group + 1) * shape.columns + c];
        }
        use(c, first, second);
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
