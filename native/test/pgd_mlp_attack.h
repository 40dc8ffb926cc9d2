// An attack on a small net for the tests of pgd_mlp: its data, the launch of the kernel under a given layout of shared
// memory, and the same attack step by step in float32 on the host.
#pragma once

#include <cstddef>
#include <memory>

#include "launch.h"
#include "pgd_mlp/parameters.cuh"
#include "test.h"

namespace pgd {

enum Precision { FLOAT32, TF32, BF16 };
enum Activation { IDENTITY, RELU, LEAKY, TANH, SIGMOID, CLIPPED };
enum Norm { LINF, L2, L1 };
enum Loss { CROSS_ENTROPY, SQUARED_ERROR, MARGIN };

struct Net {
    std::vector<int> widths;       // d, hidden ..., classes
    std::vector<int> activations;  // one a layer
    float slope = 0.125f;
    std::vector<std::vector<float>> w, b;

    Net(std::vector<int> widths, std::vector<int> activations, unsigned seed = 7);
    int layers() const { return int(widths.size()) - 1; }
    int d() const { return widths.front(); }
    int classes() const { return widths.back(); }
};

struct Rule {
    Norm norm = LINF;
    Loss loss = CROSS_ENTROPY;
    int n = 5;
    int steps = 3;
    int start = 1;  // sp_start
    bool targeted = false;
    bool keep = false, known = false;  // known: beaten and zero_gradients are given without keep
    float step_size = 0.03f, epsilon = 0.1f;
    int top = 3;
    unsigned restart = 0;
    bool cursor = false;
};

struct State {
    std::vector<float> x, best_x, best_objective;
    std::vector<int> beaten, zeros;
};

// What a launcher may choose and no result may show.
struct Layout {
    int tile = 8;
    int threads = 256;
    int features = 64;     // of a chunk, at most
    int depth = 32;        // of a chunk
    int resident = 0;      // rows of each matrix, at most
    size_t offset = 0;     // of w and b from 256-byte alignment, in floats
    int depth_back = 0;    // of a float32 chunk on the way back; 0: as depth
};

struct Data {
    std::vector<float> origin;
    std::vector<int> labels, indices;

    Data(const Net& net, const Rule& rule, unsigned seed = 3);
};

constexpr unsigned long long SEED = 0x123456789abcdefull;
constexpr unsigned STREAM = 0x03000000u;
constexpr int EPOCH = 5;  // where the rule has a cursor

State fresh(const Net& net, const Rule& rule);

float rounded(Precision precision, float v);
std::vector<unsigned short> bf16_copy(const std::vector<float>& w, int rows, int columns, bool transposed);

// The kernel on `state`; stops the test program on a fault.
void run_kernel(const Net& net, const Rule& rule, const Data& data, Precision precision, const Layout& layout, State& state);

// The attack one operation after another: products are one chain of fmaf an element over operands rounded to `precision`;
// starts and the steps of L2 and L1 are the kernels of the layered path.
void run_layered(const Net& net, const Rule& rule, const Data& data, Precision precision, State& state);

}  // namespace pgd
