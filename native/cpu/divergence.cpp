// The divergence KL(softmax(r) || softmax(z)) of logits, and the loss of TRADES (Zhang et al. 2019, eq. 5), each with its
// logit gradients; rows of c. All in double and in log-space: softmaxes that nearly agree differ by less than float32 sees.
#include <cmath>

#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

namespace {

double log_sum_exp(int64_t c, const float* z) {
    double largest = z[0];
    for (int64_t j = 1; j < c; ++j) {
        largest = z[j] > largest ? z[j] : largest;
    }
    double sum = 0.0;
    for (int64_t j = 0; j < c; ++j) {
        sum += std::exp(z[j] - largest);
    }
    return largest + std::log(sum);
}

// exp(b) - exp(a), to full relative precision.
double difference_of_exp(double b, double a) {
    return b < a ? std::exp(a) * std::expm1(b - a) : -std::exp(b) * std::expm1(a - b);
}

// Of rows r and z whose log sum exp are given; gradient (with respect to z) may be null.
double divergence_row(int64_t c, const float* r, double of_r, const float* z, double of_z, double factor,
                      float* gradient) {
    double sum = 0.0;
    for (int64_t j = 0; j < c; ++j) {
        const double p = r[j] - of_r;
        const double q = z[j] - of_z;
        sum += std::exp(p) * (p - q);
        if (gradient != nullptr) {
            gradient[j] = static_cast<float>(factor * difference_of_exp(q, p));
        }
    }
    return sum > 0.0 ? sum : 0.0;
}

}  // namespace

void divergence(const Divergence& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        const float* r = a.reference + i * a.c;
        const float* z = a.z + i * a.c;
        const double value = divergence_row(a.c, r, log_sum_exp(a.c, r), z, log_sum_exp(a.c, z), a.factor,
                                            a.gradient == nullptr ? nullptr : a.gradient + i * a.c);
        if (a.loss != nullptr) {
            a.loss[i] = static_cast<float>(value);
        }
    }
}

void trades(const Trades& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        const float* clean = a.z + i * a.c;
        const float* adversarial = a.z + (a.n + i) * a.c;
        const int64_t label = a.labels[i];
        const double of_clean = log_sum_exp(a.c, clean);
        const double of_adversarial = log_sum_exp(a.c, adversarial);
        const double factor = a.factor;
        const double beta = a.beta;
        const double value = divergence_row(a.c, clean, of_clean, adversarial, of_adversarial, factor * beta,
                                            a.gradient + (a.n + i) * a.c);
        float* gradient = a.gradient + i * a.c;
        for (int64_t j = 0; j < a.c; ++j) {
            const double p = clean[j] - of_clean;
            const double q = adversarial[j] - of_adversarial;
            const double entropy = j == label ? std::expm1(p) : std::exp(p);
            gradient[j] = static_cast<float>(factor * (entropy + beta * std::exp(p) * (p - q - value)));
        }
        a.loss[i] = static_cast<float>(of_clean - clean[label] + beta * value);
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
