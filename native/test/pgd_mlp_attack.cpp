#define SP_LEVEL_NAMESPACE host
#include "pgd_mlp_attack.h"

#include <algorithm>
#include <cmath>

#include "../cpu/linf_step.h"

using namespace test;

namespace pgd {

Net::Net(std::vector<int> all_widths, std::vector<int> all_activations, unsigned seed)
    : widths(std::move(all_widths)), activations(std::move(all_activations)) {
    Random random(seed);
    for (int i = 0; i < layers(); i++) {
        const float scale = 1.7f / std::sqrt(float(widths[i]));
        w.push_back(random.floats(size_t(widths[i]) * widths[i + 1], scale));
        b.push_back(random.floats(widths[i + 1], 0.1f));
    }
}

Data::Data(const Net& net, const Rule& rule, unsigned seed) {
    Random random(seed);
    origin = random.floats(size_t(rule.n) * net.d());
    for (float& v : origin) {
        v = v < -0.8f ? 0.0f : v > 0.8f ? 1.0f : 0.5f * (v + 1);  // some on the box
    }
    labels = random.ints(rule.n, net.classes());
    indices = random.ints(rule.n, 60000);
}

State fresh(const Net& net, const Rule& rule) {
    const size_t size = size_t(rule.n) * net.d();
    return {std::vector<float>(size, NAN), std::vector<float>(size, NAN), std::vector<float>(rule.n, -INFINITY),
            std::vector<int>(rule.n, -1), std::vector<int>(rule.n, 0)};
}

static unsigned bits(float v) {
    unsigned u;
    std::memcpy(&u, &v, sizeof u);
    return u;
}

static float of_bits(unsigned u) {
    float v;
    std::memcpy(&v, &u, sizeof v);
    return v;
}

static unsigned short to_bf16(float v) {
    return static_cast<unsigned short>((bits(v) + 0x7fffu + (bits(v) >> 16 & 1)) >> 16);
}

float rounded(Precision precision, float v) {
    switch (precision) {
        case TF32: return of_bits((bits(v) + 0x1000u) & 0xffffe000u);
        case BF16: return of_bits(unsigned(to_bf16(v)) << 16);
        default: return v;
    }
}

static int up(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }

std::vector<unsigned short> bf16_copy(const std::vector<float>& w, int rows, int columns, bool transposed) {
    const int to_rows = transposed ? columns : rows, to_columns = transposed ? rows : columns;
    std::vector<unsigned short> copy(size_t(to_rows) * up(to_columns, 8), 0);
    for (int r = 0; r < to_rows; r++) {
        for (int c = 0; c < to_columns; c++) {
            copy[size_t(r) * up(to_columns, 8) + c] = to_bf16(transposed ? w[size_t(c) * columns + r] : w[size_t(r) * columns + c]);
        }
    }
    return copy;
}

// ---- the kernel ----

namespace {

// Hands out a block's shared memory.
struct Words {
    int used = 0;
    int take(int words) {
        const int at = used;
        used += up(words, 4);
        return at;
    }
};

void lay_matrix(PgdMlpMatrix& m, Words& words, const Layout& layout, Precision precision, int rows, int columns) {
    m.resident_rows = layout.resident >= rows ? rows : layout.resident / 16 * 16;
    m.resident_pitch = precision == BF16 ? up(columns, 16) / 2 + 4 : up(columns, 16) + 4;
    m.resident = words.take(up(m.resident_rows, 16) * m.resident_pitch);
}

void chunk(PgdMlpMatrix& m, int features, const Layout& layout, int& stage, Precision precision, bool by_rows) {
    const int capacity = precision == FLOAT32 ? 4 * (layout.threads / (layout.tile / 8) / 32 * 32)
                                              : 64 * (layout.threads / 32 / std::max(1, layout.tile / 16));
    m.features = std::min({layout.features, up(features, 16), capacity});
    m.depth = !by_rows && precision == FLOAT32 && layout.depth_back > 0 ? layout.depth_back : layout.depth;
    int rows = 0;  // of a group that come through the stage
    for (int first = 0; first < features; first += m.features) {
        rows = std::max(rows, std::min(first + m.features, features) - std::max(first, m.resident_rows));
    }
    const int words = by_rows ? up(rows, 16) * ((precision == BF16 ? m.depth / 2 : m.depth) + 4)
                              : m.depth * (m.features + 8);
    stage = std::max(stage, up(words, 4));
}

}  // namespace

void run_kernel(const Net& net, const Rule& rule, const Data& data, Precision precision, const Layout& layout,
                State& state) {
    PgdMlp p;
    std::memset(&p, 0, sizeof p);
    Words words;
    const auto pitch = [&](int width) { return precision == BF16 ? up(width, 16) + 8 : up(width, 8) + 4; };
    const int T = layout.tile;
    std::vector<std::unique_ptr<Array<float>>> floats;
    std::vector<std::unique_ptr<Array<unsigned short>>> halves;
    int stage = 0;
    bool streams = false;
    for (int i = 0; i < net.layers(); i++) {
        PgdMlpLayer& layer = p.layer[i];
        layer.in = net.widths[i];
        layer.out = net.widths[i + 1];
        layer.activation = net.activations[i];
        layer.slope = net.slope;
        floats.push_back(std::make_unique<Array<float>>(net.w[i], layout.offset));
        layer.w = floats.back()->data();
        floats.push_back(std::make_unique<Array<float>>(net.b[i], layout.offset));
        layer.b = floats.back()->data();
        layer.output_pitch = pitch(layer.out);
        layer.output = words.take(T * layer.output_pitch);
        lay_matrix(layer.ahead, words, layout, precision, layer.out, layer.in);
        chunk(layer.ahead, layer.out, layout, stage, precision, true);
        streams |= layer.ahead.resident_rows < layer.out;
        if (precision == BF16) {
            layer.w = nullptr;
            halves.push_back(std::make_unique<Array<unsigned short>>(bf16_copy(net.w[i], layer.out, layer.in, false)));
            layer.forward = halves.back()->data();
            halves.push_back(std::make_unique<Array<unsigned short>>(bf16_copy(net.w[i], layer.out, layer.in, true)));
            layer.backward = halves.back()->data();
            lay_matrix(layer.back, words, layout, precision, layer.in, layer.out);
            streams |= layer.back.resident_rows < layer.in;
        }
        chunk(layer.back, layer.in, layout, stage, precision, precision == BF16);
    }
    p.x_pitch = pitch(net.d());
    p.x_rows = words.take(T * p.x_pitch);
    p.logit_pitch = pitch(net.classes());
    p.logit_gradient = words.take(T * p.logit_pitch);
    p.gradient = rule.norm == LINF ? 0 : words.take(T * p.x_pitch);
    p.scratch = rule.norm == L1 ? words.take(layout.threads / 32 * 256) : 0;
    p.stage_words = stage;
    p.stage = streams ? words.take(2 * stage) : 0;
    p.streams = streams;
    p.tile = T;

    Array<float> origin(data.origin), x(state.x), best_x(state.best_x), best_objective(state.best_objective);
    Array<int> labels(data.labels), indices(data.indices), beaten(state.beaten), zeros(state.zeros);
    Array<int> cursor(std::vector<int>{17, 4, EPOCH, 0});
    p.origin = origin.data();
    p.labels = labels.data();
    p.indices = indices.data();
    p.cursor = rule.cursor ? cursor.data() : nullptr;
    p.x = x.data();
    if (rule.keep) {
        p.best_x = best_x.data();
        p.best_objective = best_objective.data();
    }
    if (rule.keep || rule.known) {
        p.beaten = beaten.data();
        p.zero_gradients = zeros.data();
    }
    p.seed = SEED;
    p.n = rule.n;
    p.layers = net.layers();
    p.norm = rule.norm;
    p.loss = rule.loss;
    p.steps = rule.steps;
    p.start = rule.start;
    p.targeted = rule.targeted;
    p.keep = rule.keep;
    p.step_size = rule.step_size;
    p.epsilon = rule.epsilon;
    p.top = rule.top;
    p.stream = STREAM | (rule.cursor ? 0 : EPOCH);
    p.restart = rule.restart;
    const char* names[] = {"pgd_mlp", "pgd_mlp_tf32", "pgd_mlp_bf16"};
    launch(names[precision], {unsigned((rule.n + T - 1) / T)}, {unsigned(layout.threads)}, size_t(words.used) * 4, p);
    state = {x.values(), best_x.values(), best_objective.values(), beaten.values(), zeros.values()};
}

// ---- the same, operation by operation ----

namespace {

float activated(int activation, float slope, float v) {
    switch (activation) {
        case RELU: return v > 0 ? v : 0.0f;
        case LEAKY: return v > 0 ? v : slope * v;
        case TANH: return sp::host::tanh_of(v);
        case SIGMOID: return sp::host::sigmoid_of(v);
        case CLIPPED: return v > 0 ? (v < slope ? v : slope) : 0.0f;
        default: return v;
    }
}

float derived(int activation, float slope, float y, float g) {
    switch (activation) {
        case RELU: return y > 0 ? g : 0.0f;
        case LEAKY: return y > 0 ? g : slope * g;
        case TANH: return g * (1.0f - y * y);
        case SIGMOID: return g * (y * (1.0f - y));
        case CLIPPED: return y > 0 && y < slope ? g : 0.0f;
        default: return g;
    }
}

// Loss and rescaled gradient of one row of logits; see native/cpu.
float judge_row(Loss loss, int c, const float* z, int label, float factor, float* gradient) {
    float other = -INFINITY;
    int runner_up = -1;
    for (int j = 0; j < c; j++) {
        if (j != label && (runner_up < 0 || z[j] > other)) {
            other = z[j];
            runner_up = j;
        }
    }
    if (loss == MARGIN) {
        for (int j = 0; j < c; j++) {
            gradient[j] = j == runner_up ? factor : j == label ? -factor : 0.0f;
        }
        return other - z[label];
    }
    if (loss == SQUARED_ERROR) {
        const float share = 1.0f / float(c);
        float sum = 0;
        for (int j = 0; j < c; j++) {
            const float error = z[j] - (j == label ? 1.0f : 0.0f);
            sum += error * error;
            gradient[j] = factor * (2.0f * share * error);
        }
        return sum * share;
    }
    const float largest = std::max(z[label], other);
    float others = 0, total = 0;
    for (int j = 0; j < c; j++) {
        others += j != label ? sp::host::exp_of(z[j] - largest) : 0.0f;
    }
    for (int j = 0; j < c; j++) {
        if (j != label) {
            gradient[j] = sp::host::exp_of(z[j] - other) * factor;
            total += gradient[j];
        }
    }
    gradient[label] = -total;
    return largest == z[label] ? float(std::log1p(double(others)))
                               : float(std::log(double(others + sp::host::exp_of(z[label] - largest)))) + (largest - z[label]);
}

// One chain of fmaf over k, from 0.
float chain(Precision precision, int depth, const float* a, const float* b, int b_step) {
    float sum = 0;
    for (int k = 0; k < depth; k++) {
        sum = std::fma(rounded(precision, a[k]), rounded(precision, b[size_t(k) * b_step]), sum);
    }
    return sum;
}

}  // namespace

void run_layered(const Net& net, const Rule& rule, const Data& data, Precision precision, State& state) {
    const int n = rule.n, d = net.d(), c = net.classes();
    Array<float> origin(data.origin), x(data.origin), gradient(size_t(n) * d);
    Array<int> indices(data.indices), beaten(state.beaten), zeros(state.zeros), cursor(std::vector<int>{0, 0, EPOCH, 0});
    const bool known = rule.keep || rule.known;
    const emu::Extent3 grid{unsigned(n + 3) / 4}, block{128};
    if (rule.start != 0) {
        launch("random_start", grid, block, 0, int(rule.norm), rule.start, n, d, origin, indices, rule.epsilon, SEED,
               STREAM | (rule.cursor ? 0 : EPOCH), rule.cursor ? cursor.data() : nullptr, rule.restart, x);
    }
    std::vector<std::vector<float>> outputs, deltas;
    for (int i = 0; i < net.layers(); i++) {
        outputs.emplace_back(net.widths[i + 1]);
        deltas.emplace_back(net.widths[i + 1]);
    }
    for (int step = 0; step < rule.steps + rule.keep; step++) {
        for (int e = 0; e < n; e++) {
            const float* input = x.data() + size_t(e) * d;
            for (int i = 0; i < net.layers(); i++) {
                for (int o = 0; o < net.widths[i + 1]; o++) {
                    const float sum = chain(precision, net.widths[i], input, &net.w[i][size_t(o) * net.widths[i]], 1);
                    outputs[i][o] = activated(net.activations[i], net.slope, sum + net.b[i][o]);
                }
                input = outputs[i].data();
            }
            const std::vector<float>& z = outputs.back();
            const float loss = judge_row(rule.loss, c, z.data(), data.labels[e], rule.targeted ? -1.0f : 1.0f, deltas.back().data());
            for (int j = 0; j < c; j++) {
                deltas.back()[j] = derived(net.activations.back(), net.slope, z[j], deltas.back()[j]);
            }
            if (rule.keep && beaten[e] < 0) {
                const int predicted = int(std::max_element(z.begin(), z.end()) - z.begin());
                const bool success = (predicted == data.labels[e]) == rule.targeted;
                const float objective = rule.targeted ? -loss : loss;
                if (success || objective > state.best_objective[e]) {
                    state.best_objective[e] = objective;
                    std::copy_n(x.data() + size_t(e) * d, d, state.best_x.data() + size_t(e) * d);
                }
                if (success) {
                    beaten[e] = step;
                }
            }
            for (int i = net.layers() - 1; i >= 0; i--) {
                float* to = i > 0 ? deltas[i - 1].data() : gradient.data() + size_t(e) * d;
                for (int j = 0; j < net.widths[i]; j++) {
                    const float sum = chain(precision, net.widths[i + 1], deltas[i].data(), &net.w[i][j], net.widths[i]);
                    to[j] = i > 0 ? derived(net.activations[i - 1], net.slope, outputs[i - 1][j], sum) : sum;
                }
            }
        }
        if (step == rule.steps) {
            break;
        }
        int* frozen = known ? beaten.data() : nullptr;
        int* count = known ? zeros.data() : nullptr;
        if (rule.norm == L2) {
            launch("l2_step", grid, block, 0, n, d, gradient, origin, rule.step_size, rule.epsilon, frozen, count, x);
        } else if (rule.norm == L1) {
            launch("l1_step", grid, block, 4096, n, d, gradient, origin, rule.step_size, rule.epsilon, rule.top, frozen, count, x);
        }
        for (int e = 0; rule.norm == LINF && e < n; e++) {
            bool moved = false;
            for (size_t j = size_t(e) * d; j < size_t(e + 1) * d && !(known && beaten[e] >= 0); j++) {
                moved |= gradient[j] != 0;
                x[j] = sp::host::linf_stepped(x[j], gradient[j], origin[j], rule.step_size, rule.epsilon);
            }
            zeros[e] += known && beaten[e] < 0 && !moved;
        }
    }
    state.x = x.values();
    state.beaten = beaten.values();
    state.zeros = zeros.values();
}

}  // namespace pgd
