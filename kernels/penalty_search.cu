// The binary search of Carlini and Wagner's attack (2017, section VI.A) for each row's c, and a new start at its origin: x =
// origin, w = atanh((1 - 1e-6) (2 x - 1)), no moments. A warp a row of d.
//
// origin, x, w, first and second n x d float32; beaten and done n; state n x 5 as in penalty_step.cu. With begins not 0, c = initial
// within (0, 1e10). Else the c before becomes the upper bound where it was enough, and the lower one where not; the new one is
// the middle of both, or, while there is no upper bound, ten times as much, at most 1e10. done = -1; rows with beaten[i] >= 0
// are left alone unless minimal is not 0, and have done = beaten. n, d >= 1, origin in [0,1]. Bits repeat; those of the CPU device
// but for the logarithm's last place.
//
// Launch: block 128 (4 rows); grid ceil(n / 4); no dynamic shared memory.
//
// Roofline. 20 bytes an element, about 60 double-precision operations (a logarithm and a division): at n = 4096, d = 784 64 MB, 19
// us on an H100 (64 double lanes a multiprocessor: 12 us); RTX 4090 (2 double lanes): operations, 300 us. Runs once in hundreds
// of steps; aim 40 %.
#include "prelude.cuh"

KERNEL(128) penalty_search(int n, int d, const float* origin, int begins, float initial, int minimal, const int* beaten,
                           float* all_states, int* done, float* x, float* w, float* first, float* second) {
    const int i = warp_row();
    if (i >= n) return;
    const int rests = minimal == 0 && beaten[i] >= 0 ? beaten[i] : -1;
    if (warp_lane() == 0) {
        done[i] = rests;
    }
    if (rests >= 0) return;
    if (warp_lane() == 0) {
        const float unbounded = 1e10f;
        float* state = all_states + static_cast<size_t>(i) * 5;
        if (begins != 0) {
            state[0] = initial;
            state[1] = 0.0f;
            state[2] = unbounded;
        } else {
            const float c = state[0];
            const bool found = state[3] != 0.0f;
            const float lower = found ? state[1] : c;
            const float upper = found ? c : state[2];
            const float raised = 10.0f * c;
            state[0] = upper < unbounded ? 0.5f * (lower + upper) : (raised < unbounded ? raised : unbounded);
            state[1] = lower;
            state[2] = upper;
        }
        state[3] = 0.0f;
        state[4] = __uint_as_float(0x7f800000u);
    }
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(d);
    for (int j = warp_lane(); j < d; j += kWarp) {
        const float from = origin[at + j];
        const double u = (1.0 - 1e-6) * (2.0 * static_cast<double>(from) - 1.0);  // tanh reaches neither end
        x[at + j] = from;
        w[at + j] = static_cast<float>(0.5 * log((1.0 + u) / (1.0 - u)));
        first[at + j] = 0.0f;
        second[at + j] = 0.0f;
    }
}
KERNEL_EXPORT(penalty_search)
