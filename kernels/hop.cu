// HopSkipJump (Chen et al. 2020, algorithm 2), a warp a row of d: what changes from phase to phase (hop_turn), what to ask
// (hop_propose), and what the answer says (hop_judge). Phases: 0 the start, 1 the binary search, 2 probes for the direction,
// 3 the step. norm: L-inf or L2.
//
// hop_turn: into 1: done[i] = 0 where nothing misclassified is known, it is the origin itself, the queries are spent, or
// beaten[i] >= 0 and minimal is 0, else -1, bracket = (0, 1), size = |point - origin| / d. Into 2: point goes to the upper end
// of its bracket; toward, away, hits and misses = 0. Into 3: toward = toward / hits - away / misses (one alone where the other
// has none), over its length or its sign; size = |point - origin| / sqrt(iteration).
// hop_propose: 1: x = the bracket's middle between origin and point (L2), or point cut to that share of its distance (L-inf);
// 3: x = clip(point + size * toward).
// hop_judge: counts an answer, misclassified if z's arg max is not the label. 2: x - point is added to toward, a hit, or away,
// a miss. 1: the middle becomes the bracket's upper end, or its lower. 0 and 3: point = x and done = 0, or (3) size is halved.
// But in 2, a misclassified x is kept where it is closer than best_x, and beaten = its number if within epsilon in exact
// arithmetic, else -1. done = 0 where the queries are spent, or beaten[i] >= 0 and minimal is 0.
//
// origin, point, toward, away, x, best_x n x d (distinct), z n x c, bracket n x 2, counts n x 3 (asked, hits, misses), others
// n. Rows with done[i] >= 0 are left alone, but by the turn into 1. n, d, c >= 1. Bits repeat whatever the batch; those of the
// CPU device under L-inf, under L2 lengths differ in the last place.
//
// Launch (all): block 128 (4 rows); grid ceil(n / 4); no dynamic shared memory.
//
// Roofline. At most 20 bytes an element and about 10 double operations: at n = 4096, d = 784, 64 MB, 19 us on an H100, 64 us on
// an RTX 4090; aim 50 %. A forward pass of the model follows each proposal.
#include "prelude.cuh"

DEVICE double hop_distance(int norm, int d, const float* x, const float* origin) {
    if (norm == kL2) {
        return DistanceL2::of(d, x, origin);
    }
    double distance = 0.0;
    for (int j = warp_lane(); j < d; j += kWarp) {
        const double delta = fabs(difference_of(x[j], origin[j]));
        distance = delta > distance ? delta : distance;
    }
    return warp_max(distance);
}

// x may be point: each lane reads and writes its own elements.
DEVICE void place_between(int norm, int d, const float* origin, const float* point, double share, float* x) {
    const double bound = norm == kL2 ? 0.0 : share * hop_distance(norm, d, point, origin);
#pragma unroll 1
    for (int j = warp_lane(); j < d; j += kWarp) {
        const double way = difference_of(point[j], origin[j]);
        const double cut = way > bound ? bound : way < -bound ? -bound : way;
        x[j] = clip_box(static_cast<float>(static_cast<double>(origin[j]) + (norm == kL2 ? way * share : cut)));
    }
}

KERNEL(128) hop_turn(int phase, int norm, int n, int d, int iteration, int queries, int minimal, const float* origins,
                     const float* best_objective, const int* beaten, float* points, float* towards, float* aways,
                     float* bracket, float* size, int* counts, int* done) {
    const int i = warp_row();
    if (i >= n) return;
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(d);
    const float* origin = origins + at;
    float* point = points + at;
    float* toward = towards + at;
    float* away = aways + at;
    bool over = done[i] >= 0;
    if (phase == 1) {
        const float kept = best_objective[i];
        over = !(kept < 0.0f) || !(kept >= -3.402823466e38f) || counts[3 * i] >= queries || (beaten[i] >= 0 && minimal == 0);
        const double distance = hop_distance(norm, d, point, origin);
        __syncwarp();  // all lanes have read what the first one changes
        if (warp_lane() == 0) {
            done[i] = over ? 0 : -1;
            if (!over) {
                bracket[2 * i] = 0.0f;
                bracket[2 * i + 1] = 1.0f;
                size[i] = static_cast<float>(distance / static_cast<double>(d));
            }
        }
        return;
    }
    if (over) return;
    if (phase == 2) {
        place_between(norm, d, origin, point, static_cast<double>(bracket[2 * i + 1]), point);
#pragma unroll 1
        for (int j = warp_lane(); j < d; j += kWarp) {
            toward[j] = 0.0f;
            away[j] = 0.0f;
        }
        if (warp_lane() == 0) {
            counts[3 * i + 1] = 0;
            counts[3 * i + 2] = 0;
        }
        return;
    }
    const int hits = counts[3 * i + 1], misses = counts[3 * i + 2];
    const double hit = hits > 0 ? 1.0 / hits : 0.0;
    const double miss = misses > 0 ? 1.0 / misses : 0.0;
    const auto direction = [&](int j) {
        return static_cast<double>(toward[j]) * hit - static_cast<double>(away[j]) * miss;
    };
    const double length = sqrt(row_sum(d, [&](int j) { return direction(j) * direction(j); }));
    const double distance = hop_distance(norm, d, point, origin);
#pragma unroll 1
    for (int j = warp_lane(); j < d; j += kWarp) {
        const double v = direction(j);
        const float sign = v > 0.0 ? 1.0f : v < 0.0 ? -1.0f : 0.0f;
        toward[j] = norm != kL2 ? sign : length > 0.0 ? static_cast<float>(v / length) : 0.0f;
    }
    if (warp_lane() == 0) {
        size[i] = static_cast<float>(distance / sqrt(static_cast<double>(iteration)));
    }
}
KERNEL_EXPORT(hop_turn)

KERNEL(128) hop_propose(int phase, int norm, int n, int d, const float* origins, const float* points, const float* towards,
                        const float* bracket, const float* size, const int* done, float* xs) {
    const int i = warp_row();
    if (i >= n) return;
    if (done[i] >= 0) return;
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(d);
    if (phase == 1) {
        const float middle = __fmul_rn(__fadd_rn(bracket[2 * i], bracket[2 * i + 1]), 0.5f);
        place_between(norm, d, origins + at, points + at, static_cast<double>(middle), xs + at);
        return;
    }
    const double step = size[i];
#pragma unroll 2
    for (int j = warp_lane(); j < d; j += kWarp) {
        const double from = points[at + j];
        xs[at + j] = clip_box(static_cast<float>(from + step * static_cast<double>(towards[at + j])));
    }
}
KERNEL_EXPORT(hop_propose)

KERNEL(128) hop_judge(int phase, int norm, int n, int d, int c, const float* z, const float* origins, const int* labels,
                      float epsilon, int queries, int minimal, const float* xs, float* points, float* towards, float* aways,
                      float* bracket, float* size, int* counts, int* done, float* best_x, float* best_objective,
                      int* beaten) {
    const int i = warp_row();
    if (i >= n) return;
    if (done[i] >= 0) return;
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(d);
    const bool missed = arg_max_row(c, z + static_cast<size_t>(i) * static_cast<size_t>(c), -1) != labels[i];
    const float* x = xs + at;
    float* point = points + at;
    const int asked = counts[3 * i] + 1;
    const int before = beaten[i];
    const float best = best_objective[i];
    bool inside = false, kept = false;
    float objective = best;
    if (phase != 2 && missed) {
        const double measured = hop_distance(norm, d, x, origins + at);
        const double distance = norm == kL2 ? with_allowance(d, measured) : measured;
        inside = distance <= static_cast<double>(epsilon);
        objective = -static_cast<float>(distance);
        // Distances that are one float32 may lie on both sides of epsilon.
        kept = objective > best || (inside && before < 0);
    }
    const int after = kept ? (inside ? asked - 1 : -1) : before;
    const bool moved = missed && (phase == 0 || phase == 3);
    __syncwarp();  // all lanes have read what the first one changes
    float* sum = (missed ? towards : aways) + at;
#pragma unroll 1
    for (int j = warp_lane(); j < d; j += kWarp) {
        const float value = x[j];
        if (phase == 2) {
            sum[j] = static_cast<float>(static_cast<double>(sum[j]) + difference_of(value, point[j]));
        }
        if (kept) {
            best_x[at + j] = value;
        }
        if (moved) {
            point[j] = value;
        }
    }
    if (warp_lane() != 0) return;
    counts[3 * i] = asked;
    if (phase == 2) {
        counts[3 * i + (missed ? 1 : 2)] += 1;
    } else if (phase == 1) {
        bracket[2 * i + (missed ? 1 : 0)] = __fmul_rn(__fadd_rn(bracket[2 * i], bracket[2 * i + 1]), 0.5f);
    } else if (phase == 3 && !missed) {
        size[i] = __fmul_rn(size[i], 0.5f);
    }
    if (kept) {
        best_objective[i] = objective;
        beaten[i] = after;
    }
    if (moved || asked >= queries || (after >= 0 && minimal == 0)) {
        done[i] = 0;
    }
}
KERNEL_EXPORT(hop_judge)
