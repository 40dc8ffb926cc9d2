// A step of Carlini and Wagner's attack (2017, "Towards evaluating the robustness of neural networks", section VI.A): keeps x
// where it is adversarial and closer to its origin than the one kept so far; then moves w by Adam (beta 0.9 and 0.999, stabilizer
// 1e-8) down |x - origin|^2 + c max(f, -confidence), and x = (tanh(w) + 1) / 2 with it. A warp a row of d.
//
// value n: the margin max_{i != y} z_i - z_y at x; f is -value (targeted: value), gradient n x d that of f. origin, x, w, first and second
// (Adam's moments), best_x n x d; best_objective (minus the distance), beaten, done, zero_gradients n; state n x 5: c, its lower and
// upper bound, whether this c was enough (1 or 0), and the sum above at the last check. Rows with done[i] >= 0 are left alone.
// Adversarial is f < 0 and f <= -confidence; beaten[i] = step where the kept distance is at most epsilon in exact arithmetic,
// else -1. done[i] = step where that is enough (minimal 0), or where, at a check, the sum is above 0.9999 of that at the last one.
// zero_gradients: f is not constant, but all of its gradient is zero. A gradient that is not all finite counts as zero. n, d >= 1.
// Bits repeat; those of the CPU device but for the distance, whose last place may turn a decision.
//
// Launch: block 128 (4 rows); grid ceil(n / 4); no dynamic shared memory.
//
// Roofline. 40 bytes an element (8 more where it is kept) and about 90 FLOPs with two exponentials: at n = 4096, d = 784 128 MB,
// 38 us on an H100, 128 us on an RTX 4090; aim 60 %: the row's passes wait for one another.
#include "prelude.cuh"

KERNEL(128) penalty_step(int n, int d, const float* value, const float* all_gradients, const float* all_origins,
                         int targeted, float confidence, float epsilon, int minimal, float step_size,
                         float root_correction, int step, int check, float* all_states, int* done, float* all_x,
                         float* all_w, float* all_first, float* all_second, float* best_x, float* best_objective,
                         int* beaten, int* zero_gradients) {
    const int i = warp_row();
    if (i >= n) return;
    if (done[i] >= 0) return;
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(d);
    const float* gradient = all_gradients + at;
    const float* origin = all_origins + at;
    float* x = all_x + at;
    float* state = all_states + static_cast<size_t>(i) * 5;
    const float c = state[0];
    const double square = row_sum(d, [&](int j) {
        const double delta = difference_of(x[j], origin[j]);
        return delta * delta;
    });
    const float f = targeted != 0 ? value[i] : -value[i];
    if (f < 0.0f && f <= -confidence) {
        const double distance = with_allowance(d, sqrt(square));
        const bool inside = distance <= static_cast<double>(epsilon);
        const float objective = -static_cast<float>(distance);
        const int before = beaten[i];
        // Distances that are one float32 may lie on both sides of epsilon.
        const bool kept = objective > best_objective[i] || (inside && before < 0);
        const int now = kept ? (inside ? step : -1) : before;
        __syncwarp();  // all lanes have read what the first one changes
        if (warp_lane() == 0) {
            state[3] = 1.0f;
            beaten[i] = now;
            if (kept) {
                best_objective[i] = objective;
            }
        }
        for (int j = warp_lane(); kept && j < d; j += kWarp) {
            best_x[at + j] = x[j];
        }
        if (minimal == 0 && now >= 0) {
            if (warp_lane() == 0) {
                done[i] = step;
            }
            return;
        }
    }
    const bool active = f > -confidence;
    const double size = active ? row_sum(d, [&](int j) { return fabs(static_cast<double>(gradient[j])); }) : 0.0;
    if (active && size == 0.0 && warp_lane() == 0) {
        ++zero_gradients[i];
    }
    if (check != 0) {
        const double excess = active ? static_cast<double>(f) + static_cast<double>(confidence) : 0.0;
        const double total = square + static_cast<double>(c) * excess;
        const bool over = total > 0.9999 * static_cast<double>(state[4]);
        __syncwarp();
        if (warp_lane() == 0) {
            if (over) {
                done[i] = step;
            } else {
                state[4] = static_cast<float>(total);
            }
        }
        if (over) return;
    }
    const bool pushes = size > 0.0 && size < 1e100;  // the largest finite gradient is far below, infinity above
    const float inverse_root = 1.0f / root_correction;
#pragma unroll 1
    for (int j = warp_lane(); j < d; j += kWarp) {
        const float from = all_w[at + j];
        const float e = exp_of(from < 0 ? 2.0f * from : -2.0f * from);
        const float large = 1.0f / (1.0f + e);
        const float slope = 2.0f * large * (e * large);  // of x along w, without cancellation near the box
        const float pushed = pushes && c != 0.0f ? c * gradient[j] : 0.0f;
        const float g = (2.0f * (x[j] - origin[j]) + pushed) * slope;
        const float m = fmaf(0.9f, all_first[at + j], (1.0f - 0.9f) * g);
        const float v = fmaf(0.999f, all_second[at + j], (1.0f - 0.999f) * (g * g));
        all_first[at + j] = m;
        all_second[at + j] = v;
        const float to = from - step_size * m / fmaf(sqrtf(v), inverse_root, 1e-8f);
        all_w[at + j] = to;
        const float rest = exp_of(to < 0 ? 2.0f * to : -2.0f * to);
        const float upper = 1.0f / (1.0f + rest);
        x[j] = to < 0 ? rest * upper : upper;
    }
}
KERNEL_EXPORT(penalty_step)
