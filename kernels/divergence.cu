// The divergence KL(softmax(r) || softmax(z)) of logits, and the loss of TRADES (Zhang et al. 2019, eq. 5): cross-entropy
// of clean rows and beta times the divergence of the perturbed from the clean; with logit gradients. A warp a row of c, all
// in double and in log-space: softmaxes that nearly agree differ by less than float32 sees.
//
// divergence: gradient = factor * (softmax(z) - softmax(r)), with respect to z. z, r, gradient n x c float32, loss n; loss
// or gradient may be null, gradient may be z. trades: rows i and n + i of z and gradient (2n x c, distinct) belong to example
// i; labels n in [0, c). n, c >= 1. Bits repeat whatever the batch; the last place may differ from the CPU device's (order of
// sums, exponentials).
//
// Launch: block 128 (4 rows, of trades 4 examples); grid ceil(n / 4); no dynamic shared memory.
//
// Roofline. 12 n c bytes (trades: 16), about 150 n c double operations (trades: 250). At n = 4096, c = 10: 0.5 MB; H100 6
// M double operations, 0.2 us: a launch's latency limits (about 2 us); RTX 4090 (1/64 rate) 5 us; no share is claimed.
#include "prelude.cuh"

// Threads of a block, and blocks a multiprocessor: left to itself, ptxas saves registers here and spills.
#define DIVERGENCE_BOUNDS 128, 4

// row_sum (prelude/reduce.cuh), not unrolled: several exponentials in double at once spill.
template <class Term>
DEVICE double rolled_sum(int c, const Term& term) {
    double sum = 0.0;
#pragma unroll 1
    for (int j = warp_lane(); j < c; j += kWarp) sum += term(j);
    return warp_sum(sum);
}

DEVICE double log_sum_exp_row(int c, const float* z) {
    double largest = static_cast<double>(z[0]);
#pragma unroll 1
    for (int j = warp_lane(); j < c; j += kWarp) {
        const double own = static_cast<double>(z[j]);
        largest = own > largest ? own : largest;
    }
    largest = warp_max(largest);
    return largest + log(rolled_sum(c, [&](int j) { return exp(static_cast<double>(z[j]) - largest); }));
}

// exp(x) - 1 for x <= 0, to a relative 1e-11. (The library's own is too large to be inlined, and a call needs a stack.)
DEVICE double exp_less_one(double x) {
    return x > -1e-5 ? x * (1.0 + x * (0.5 + x * (1.0 / 6.0))) : exp(x) - 1.0;
}

// exp(b) - exp(a), to the same relative precision.
DEVICE double difference_of_exp(double b, double a) {
    const bool falls = b < a;
    const double low = falls ? b : a;
    const double high = falls ? a : b;
    const double difference = exp(high) * exp_less_one(low - high);
    return falls ? difference : -difference;
}

DEVICE double divergence_row(int c, const float* r, double of_r, const float* z, double of_z) {
    const double sum = rolled_sum(c, [&](int j) {
        const double p = static_cast<double>(r[j]) - of_r;
        return exp(p) * (p - (static_cast<double>(z[j]) - of_z));
    });
    return sum > 0.0 ? sum : 0.0;
}

DEVICE void divergence_gradient_row(int c, const float* r, double of_r, const float* z, double of_z, double factor,
                                    float* gradient) {
#pragma unroll 1
    for (int j = warp_lane(); j < c; j += kWarp) {
        const double p = static_cast<double>(r[j]) - of_r;
        const double q = static_cast<double>(z[j]) - of_z;
        gradient[j] = static_cast<float>(factor * difference_of_exp(q, p));
    }
}

KERNEL(DIVERGENCE_BOUNDS) divergence(int n, int c, const float* z, const float* reference, float factor,
                                     float* loss, float* gradient) {
    const int i = warp_row();
    if (i >= n) return;
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(c);
    const double of_reference = log_sum_exp_row(c, reference + at);
    const double of_z = log_sum_exp_row(c, z + at);
    if (loss != nullptr) {
        const double value = divergence_row(c, reference + at, of_reference, z + at, of_z);
        if (warp_lane() == 0) loss[i] = static_cast<float>(value);
    }
    if (gradient != nullptr) {
        divergence_gradient_row(c, reference + at, of_reference, z + at, of_z, static_cast<double>(factor), gradient + at);
    }
}
KERNEL_EXPORT(divergence)

KERNEL(DIVERGENCE_BOUNDS) trades(int n, int c, const float* z, const int* labels, float beta, float factor,
                                 float* loss, float* gradient) {
    const int i = warp_row();
    if (i >= n) return;
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(c);
    const size_t perturbed = at + static_cast<size_t>(n) * static_cast<size_t>(c);
    const double of_clean = log_sum_exp_row(c, z + at);
    const double of_perturbed = log_sum_exp_row(c, z + perturbed);
    const double value = divergence_row(c, z + at, of_clean, z + perturbed, of_perturbed);
    const double whole = static_cast<double>(factor);
    const double share = static_cast<double>(beta);
#pragma unroll 1
    for (int j = warp_lane(); j < c; j += kWarp) {
        const double p = static_cast<double>(z[at + j]) - of_clean;
        const double q = static_cast<double>(z[perturbed + j]) - of_perturbed;
        const double entropy = j == labels[i] ? exp_less_one(p) : exp(p);
        gradient[at + j] = static_cast<float>(whole * (entropy + share * exp(p) * (p - q - value)));
    }
    divergence_gradient_row(c, z + at, of_clean, z + perturbed, of_perturbed, whole * share, gradient + perturbed);
    if (warp_lane() == 0) {
        loss[i] = static_cast<float>(of_clean - static_cast<double>(z[at + labels[i]]) + share * value);
    }
}
KERNEL_EXPORT(trades)
