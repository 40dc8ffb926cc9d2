// pgd_mlp against the attack operation by operation (same bits, whatever the layout of shared memory) and against plain
// loops in double.
#include "pgd_mlp_attack.h"

using namespace pgd;
using test::Random;

namespace {

const char* const PRECISIONS[] = {"float32", "tf32", "bf16"};

bool same(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

void expect_same(const State& got, const State& want, const Rule& rule, const std::string& what) {
    test::expect(rule.keep || same(got.x, want.x), __FILE__, __LINE__, what + ": the last iterate differs");
    test::expect(same(got.best_x, want.best_x), __FILE__, __LINE__, what + ": the best iterate differs");
    test::expect(same(got.best_objective, want.best_objective), __FILE__, __LINE__, what + ": an objective differs");
    test::expect(got.beaten == want.beaten, __FILE__, __LINE__, what + ": beaten differs");
    test::expect(got.zeros == want.zeros, __FILE__, __LINE__, what + ": zero gradients differ");
}

// All layouts give the bits of the layered attack, in all precisions.
void check(const Net& net, const Rule& rule, const std::vector<Layout>& layouts, int restarts = 1) {
    const Data data(net, rule);
    for (int precision = FLOAT32; precision <= BF16; precision++) {
        State want = fresh(net, rule);
        std::vector<State> got(layouts.size(), fresh(net, rule));
        if (rule.known) {  // some are beaten already
            for (int i = 0; i < rule.n; i += 3) {
                want.beaten[i] = i;
            }
            got.assign(layouts.size(), want);
        }
        for (int restart = 0; restart < restarts; restart++) {
            Rule again = rule;
            again.restart = unsigned(restart);
            run_layered(net, again, data, Precision(precision), want);
            for (size_t l = 0; l < layouts.size(); l++) {
                run_kernel(net, again, data, Precision(precision), layouts[l], got[l]);
                expect_same(got[l], want, rule,
                            std::string(PRECISIONS[precision]) + ", layout " + std::to_string(l) + ", restart " +
                                    std::to_string(restart));
            }
        }
    }
}

// Streaming, partly resident, all resident; tiles; blocks; chunks of one step; weights anywhere.
const std::vector<Layout> LAYOUTS = {
        {8, 256, 64, 32, 0, 0, 4}, {8, 128, 16, 16, 16, 1},    {16, 256, 64, 32, 32, 0}, {32, 256, 512, 64, 0, 3},
        {8, 256, 64, 32, 999, 0}, {16, 128, 48, 16, 999, 2}, {32, 128, 32, 48, 16, 0}, {16, 64, 32, 64, 48, 0},
};

}  // namespace

TEST(pgd_mlp_layouts) {
    Rule rule;
    rule.n = 19;
    check(Net({61, 40, 7}, {RELU, IDENTITY}), rule, LAYOUTS);
}

TEST(pgd_mlp_aligned_widths) {
    Rule rule;
    rule.n = 9;
    check(Net({64, 48, 32, 8}, {RELU, RELU, IDENTITY}), rule, LAYOUTS);
}

TEST(pgd_mlp_linear_and_narrow) {
    Rule rule;
    rule.n = 9;
    check(Net({61, 7, 3}, {RELU, IDENTITY}), rule, LAYOUTS);
    check(Net({5, 3}, {IDENTITY}), rule, LAYOUTS);
    check(Net({1, 2}, {IDENTITY}), rule, {LAYOUTS[0], LAYOUTS[4]});
}

TEST(pgd_mlp_norms_and_keeping) {
    for (int norm = LINF; norm <= L1; norm++) {
        for (const bool keep : {false, true}) {
            Rule rule;
            rule.norm = Norm(norm);
            rule.keep = keep;
            rule.n = 11;
            rule.step_size = norm == LINF ? 0.03f : norm == L2 ? 0.2f : 0.8f;
            rule.epsilon = norm == LINF ? 0.1f : norm == L2 ? 0.5f : 2.0f;
            check(Net({37, 21, 5}, {LEAKY, IDENTITY}), rule, {LAYOUTS[0], LAYOUTS[1], LAYOUTS[2], LAYOUTS[4]}, keep ? 2 : 1);
        }
    }
}

TEST(pgd_mlp_losses_targets_activations) {
    for (int loss = CROSS_ENTROPY; loss <= MARGIN; loss++) {
        for (const bool targeted : {false, true}) {
            for (const int activation : {IDENTITY, TANH, SIGMOID, CLIPPED}) {
                Rule rule;
                rule.loss = Loss(loss);
                rule.targeted = targeted;
                rule.keep = true;
                rule.cursor = targeted;
                rule.start = activation != IDENTITY ? 1 : 0;
                check(Net({18, 12, 4}, {activation, activation == TANH ? SIGMOID : IDENTITY}), rule,
                      {LAYOUTS[0], LAYOUTS[5]});
            }
        }
    }
}

TEST(pgd_mlp_eight_layers) {
    Rule rule;
    rule.n = 3;
    rule.steps = 2;
    check(Net({20, 17, 16, 15, 14, 13, 12, 11, 10}, {RELU, LEAKY, TANH, SIGMOID, IDENTITY, RELU, LEAKY, IDENTITY}), rule,
          {LAYOUTS[0], LAYOUTS[4], LAYOUTS[6]});
}

TEST(pgd_mlp_ragged_batches) {
    for (const int n : {1, 7, 8, 9, 33}) {
        Rule rule;
        rule.n = n;
        rule.steps = 2;
        check(Net({29, 9, 3}, {RELU, IDENTITY}), rule, {LAYOUTS[0], LAYOUTS[2], LAYOUTS[3]});
    }
}

TEST(pgd_mlp_beaten_before) {
    for (int norm = LINF; norm <= L1; norm++) {
        Rule rule;
        rule.norm = Norm(norm);
        rule.known = true;
        rule.n = 10;
        check(Net({24, 10, 3}, {RELU, IDENTITY}), rule, {LAYOUTS[0], LAYOUTS[2]});
        rule.keep = true;
        check(Net({24, 10, 3}, {RELU, IDENTITY}), rule, {LAYOUTS[0], LAYOUTS[2]});
    }
}

TEST(pgd_mlp_no_steps) {
    for (const bool keep : {false, true}) {
        Rule rule;
        rule.steps = 0;
        rule.keep = keep;
        check(Net({24, 10, 3}, {RELU, IDENTITY}), rule, {LAYOUTS[0], LAYOUTS[4]});
    }
}

// No weights, no gradient: every step of every example counts.
TEST(pgd_mlp_zero_gradients) {
    for (int norm = LINF; norm <= L1; norm++) {
        Net net({24, 10, 3}, {RELU, IDENTITY});
        std::fill(net.w[0].begin(), net.w[0].end(), 0.0f);
        Rule rule;
        rule.norm = Norm(norm);
        rule.known = true;
        rule.n = 9;
        check(net, rule, {LAYOUTS[0], LAYOUTS[2]});
        const Data data(net, rule);
        State state = fresh(net, rule);
        run_kernel(net, rule, data, FLOAT32, LAYOUTS[0], state);
        EXPECT(state.zeros == std::vector<int>(9, rule.steps));
    }
}

// Radius zero: no iterate is anything but the original.
TEST(pgd_mlp_radius_zero) {
    for (int norm = LINF; norm <= L1; norm++) {
        const Net net({24, 10, 3}, {RELU, IDENTITY});
        Rule rule;
        rule.norm = Norm(norm);
        rule.epsilon = 0;
        const Data data(net, rule);
        State state = fresh(net, rule);
        run_kernel(net, rule, data, TF32, LAYOUTS[2], state);
        EXPECT(same(state.x, data.origin));
    }
}

// A share of a tile that is larger than the block in one group: several groups, in float32 and on tensor cores.
TEST(pgd_mlp_wide_layers) {
    Rule rule;
    rule.n = 2;
    rule.steps = 1;
    check(Net({260, 140, 3}, {RELU, IDENTITY}), rule, {{8, 256, 1024, 16, 0, 0}, {16, 64, 999, 32, 64, 0}, {32, 128, 999, 16, 0, 0}});
}

namespace {

// The attack in double, L-inf and L2, untargeted cross-entropy, relu: only the start is taken from elsewhere.
std::vector<double> plain_double(const Net& net, const Rule& rule, const Data& data, const std::vector<float>& start) {
    std::vector<double> x(start.begin(), start.end());
    const int d = net.d();
    for (int e = 0; e < rule.n; e++) {
        for (int step = 0; step < rule.steps; step++) {
            std::vector<std::vector<double>> y = {std::vector<double>(x.begin() + e * d, x.begin() + (e + 1) * d)};
            for (int i = 0; i < net.layers(); i++) {
                y.emplace_back(net.widths[i + 1]);
                for (int o = 0; o < net.widths[i + 1]; o++) {
                    double sum = net.b[i][o];
                    for (int k = 0; k < net.widths[i]; k++) {
                        sum += double(net.w[i][size_t(o) * net.widths[i] + k]) * y[i][k];
                    }
                    y[i + 1][o] = net.activations[i] == RELU && sum < 0 ? 0 : sum;
                }
            }
            double largest = -INFINITY, total = 0;
            for (const double z : y.back()) {
                largest = std::max(largest, z);
            }
            for (const double z : y.back()) {
                total += std::exp(z - largest);
            }
            std::vector<double> g;
            for (int j = 0; j < net.classes(); j++) {
                g.push_back(std::exp(y.back()[j] - largest) / total - (j == data.labels[e]));
            }
            for (int i = net.layers() - 1; i >= 0; i--) {
                std::vector<double> down(net.widths[i], 0.0);
                for (int k = 0; k < net.widths[i]; k++) {
                    for (int o = 0; o < net.widths[i + 1]; o++) {
                        down[k] += g[o] * net.w[i][size_t(o) * net.widths[i] + k];
                    }
                    if (i > 0 && net.activations[i - 1] == RELU && y[i][k] <= 0) {
                        down[k] = 0;
                    }
                }
                g = down;
            }
            double norm = 0, distance = 0;
            for (const double v : g) {
                norm += v * v;
            }
            for (int j = 0; j < d; j++) {
                double& v = x[size_t(e) * d + j];
                const double from = data.origin[size_t(e) * d + j];
                v += rule.norm == LINF ? rule.step_size * ((g[j] > 0) - (g[j] < 0)) : rule.step_size * g[j] / std::sqrt(norm);
                if (rule.norm == LINF) {
                    v = std::min(std::max(v, from - rule.epsilon), from + rule.epsilon);
                }
                distance += (v - from) * (v - from);
            }
            for (int j = 0; j < d; j++) {
                double& v = x[size_t(e) * d + j];
                const double from = data.origin[size_t(e) * d + j];
                if (rule.norm == L2) {
                    v = from + (v - from) * std::min(1.0, rule.epsilon / std::sqrt(distance));
                }
                v = std::min(std::max(v, 0.0), 1.0);
            }
        }
    }
    return x;
}

}  // namespace

// Agreement within rounding, but for elements whose gradient is within rounding of zero, where a sign may flip: at most 1
// in 100 here in float32, and 1 in 20 with rounded operands (a relative error of 2^-11 or 2^-9 in each).
TEST(pgd_mlp_against_double) {
    const Net net({40, 24, 5}, {RELU, IDENTITY});
    for (const Norm norm : {LINF, L2}) {
        Rule rule;
        rule.norm = norm;
        rule.n = 20;
        rule.epsilon = norm == LINF ? 0.1f : 0.6f;
        rule.step_size = norm == LINF ? 0.03f : 0.25f;
        const Data data(net, rule);
        Rule none = rule;
        none.steps = 0;
        State start = fresh(net, none);
        run_kernel(net, none, data, FLOAT32, LAYOUTS[0], start);
        const std::vector<double> want = plain_double(net, rule, data, start.x);
        for (int precision = FLOAT32; precision <= BF16; precision++) {
            State got = fresh(net, rule);
            run_kernel(net, rule, data, Precision(precision), LAYOUTS[2], got);
            // L2: a step's direction carries the operands' error, so much as the step is long.
            const double unit = precision == FLOAT32 ? 1e-6 : precision == TF32 ? 0x1p-11 : 0x1p-8;
            const double tolerance = norm == LINF ? 1e-6 : 3 * rule.step_size * unit + 1e-6;
            int apart = 0;
            for (size_t i = 0; i < want.size(); i++) {
                apart += !(std::fabs(got.x[i] - want[i]) <= tolerance);
            }
            std::printf("  %s, %s: %d of %zu elements apart\n", PRECISIONS[precision], norm == LINF ? "L-inf" : "L2", apart, want.size());
            EXPECT(apart <= int(want.size()) / (precision == FLOAT32 ? 100 : 20));
        }
    }
}
