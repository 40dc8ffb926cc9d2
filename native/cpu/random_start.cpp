// x = origin + a uniform draw from the ball of a norm, projected onto ball and box unless it may leave the box; rows of d.
//
// L-inf: each element uniform. L2: a Gaussian direction (Box and Muller) times epsilon * u^(1/d). L1: exponential sizes
// with random signs over their sum plus one more exponential, which is uniform in the ball (Barthe et al. 2005). The
// extra draws of L2 and L1 come from the block after the row's own.
#include "gaussian.h"
#include "operations.h"
#include "project.h"

namespace sp::SP_LEVEL_NAMESPACE {

namespace {

uint32_t extra_word(const RandomStart& a, int64_t i) {
    uint32_t word = 0;
    philox_each(a.seed, static_cast<uint32_t>((a.d + 3) / 4), a.indices[i], a.restart, a.stream, 1,
                [&](int64_t, uint32_t w) { word = w; });
    return word;
}

// x holds the direction; it becomes origin + scale * direction.
void place(const RandomStart& a, int64_t i, double scale) {
    float* x = a.x + i * a.d;
    const float* origin = a.origin + i * a.d;
    for (int64_t j = 0; j < a.d; ++j) {
        x[j] = static_cast<float>(static_cast<double>(origin[j]) + scale * static_cast<double>(x[j]));
    }
}

bool projected(const RandomStart& a) {
    return a.start != SP_START_BALL;
}

void start_linf(const RandomStart& a, int64_t i) {
    philox_runs(a.seed, 0, a.indices[i], a.restart, a.stream, a.d,
                [x = a.x + i * a.d, origin = a.origin + i * a.d, epsilon = broadcast(a.epsilon), clips = projected(a)](
                        int64_t at, int64_t here, const uint32_t* words) {
                    each_vector(here, [=](int64_t e, auto lanes) {
                        const Vec from = load_first(origin + at + e, lanes);
                        const Vec draw = broadcast(2.0f) * uniforms_of(words + e) - broadcast(1.0f);
                        const Vec drawn = from + epsilon * draw;
                        store_first(x + at + e, clips ? clip_linf(drawn, from, epsilon) : drawn, lanes);
                    });
                });
}

void start_l2(const RandomStart& a, int64_t i) {
    float* x = a.x + i * a.d;
    gaussian_row(a.d, a.indices[i], a.seed, a.stream, a.restart, x);
    const double norm = std::sqrt(sum_of(a.d, [x](int64_t j, int64_t count) {
        const Doubles value = doubles_of(x + j, count);
        return value * value;
    }));
    const double share = std::pow(positive_uniform(extra_word(a, i)), 1.0 / static_cast<double>(a.d));
    place(a, i, norm > 0 ? static_cast<double>(a.epsilon) * share / norm : 0.0);
    if (projected(a)) {
        project_l2(a.d, a.origin + i * a.d, a.epsilon, x);
    }
}

void start_l1(const RandomStart& a, int64_t i) {
    float* x = a.x + i * a.d;
    philox_each(a.seed, 0, a.indices[i], a.restart, a.stream, a.d, [&](int64_t j, uint32_t word) {
        const float size = static_cast<float>(-std::log(positive_uniform(word)));
        x[j] = (word & 1u) != 0 ? size : -size;
    });
    const double sum = sum_of(a.d, [x](int64_t j, int64_t count) { return size_of(doubles_of(x + j, count)); })
                       - std::log(positive_uniform(extra_word(a, i)));
    place(a, i, sum > 0 ? static_cast<double>(a.epsilon) / sum : 0.0);
    if (projected(a)) {
        project_l1(a.d, a.origin + i * a.d, a.epsilon, x);
    }
}

}  // namespace

void random_start(const RandomStart& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        switch (a.norm) {
            case SP_L2: start_l2(a, i); break;
            case SP_L1: start_l1(a, i); break;
            default: start_linf(a, i); break;
        }
    }
}

void random_words(const RandomWords& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        uint32_t* words = a.words + i * a.d;
        philox_each(a.seed, 0, a.indices[i], a.restart, a.stream, a.d,
                    [words](int64_t j, uint32_t word) { words[j] = word; });
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
