// Parts of the recurrent kernels: cells, and the product of a tile of examples with a matrix that lies depth first. The
// expressions are those of native/cpu/recurrent_forward.cpp and recurrent_backward.cpp, so the bits are the CPU device's.
#pragma once

// The values of sp_cell.
enum CellKind { kRnnTanh = 0, kRnnRelu = 1, kLstm = 2, kGru = 3 };

DEVICE int gates_of(int cell) {
    return cell == kLstm ? 4 : cell == kGru ? 3 : 1;
}

constexpr int kExamples = 8;  // of a block of 256 threads, which takes them through all steps

// sums[r][j] = one chain over k of row[r][k] * b[k * stride + j], for four rows and kColumns neighbours; depth is a
// multiple of four where the rows are wide (aligned runs of four), b's rows are wide where kColumns is four.
template <int kColumns>
DEVICE void tile_chain(const float* const (&row)[4], bool wide, int depth, const float* b, size_t stride,
                       float (&sums)[4][kColumns]) {
    for (int k = 0; k < depth; k += 4) {
        Four left[4];
#pragma unroll
        for (int r = 0; r < 4; ++r) {
            left[r] = load_four(row[r] + k, depth - k, wide);
        }
#pragma unroll
        for (int q = 0; q < 4; ++q) {
            if (k + q < depth) {
                const float* from = b + static_cast<size_t>(k + q) * stride;
                float right[kColumns];
                if constexpr (kColumns == 4) {
                    const Four four = load_four(from, 4, true);
                    right[0] = four.v[0];
                    right[1] = four.v[1];
                    right[2] = four.v[2];
                    right[3] = four.v[3];
                } else {
                    right[0] = from[0];
                }
#pragma unroll
                for (int r = 0; r < 4; ++r) {
#pragma unroll
                    for (int j = 0; j < kColumns; ++j) {
                        sums[r][j] = fmaf(left[r].v[q], right[j], sums[r][j]);
                    }
                }
            }
        }
    }
}
