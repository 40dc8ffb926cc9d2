// FAB's step (Croce and Hein 2020) of x about its origin, in place: with d and d0 the shortest ways from x and origin to the
// linearised boundary {u in [0,1]: value + <w, u - x> = 0}, or to where the box comes closest to it, and
// a = min(|d| / (|d| + |d0|), most_origin): x = clip((1 - a) (x + overshoot d) + a (origin + overshoot d0)). A warp a row of d.
//
// norm: L-inf or L2; z (logits at x) and direction n x c: value is their product; gradient (w), origin and x n x d float32, origin and x in [0,1]; beaten n or null: rows with
// beaten[i] >= 0 are left alone; zero_gradients n or null: incremented where all of an active row's w is zero. Such rows, and
// rows whose w or value is not finite, are left alone. n, d >= 1. All in double, in an order that depends on d alone: bits
// repeat; the CPU device's order is another, so values may differ from it in the last place.
//
// Launch: block 128 (4 rows); grid ceil(n / 4); no dynamic shared memory.
//
// Roofline. Least bytes 16 an element; as written a row is read about 12 times, all but the first from the first-level cache,
// with about 150 double-precision operations an element (two roots of three Newton steps each). At n = 4096, d = 784: 51 MB,
// H100 bytes, 15 us (64 double lanes a multiprocessor: 30 us); RTX 4090 (2 double lanes a multiprocessor): operations, 750 us.
// Aim 40 %: the row's passes wait for one another.
#include "prelude.cuh"

// The way from a point to the boundary: coordinate j goes by min(t, room) (L-inf) or min(t |w|, room) (L2), room being what
// the box leaves in its direction.
struct Way {
    int d;
    const float* w;
    const float* from;
    double gap;  // what <w, u - from> has to come to
    bool linf;

    DEVICE double room(int j) const {
        const double g = w[j];
        const double up = gap < 0 ? -g : g;
        const double p = from[j];
        return up > 0.0 ? 1.0 - p : (up < 0.0 ? p : 0.0);
    }
    DEVICE double reach(int j, double t) const { return linf ? t : fabs(static_cast<double>(w[j])) * t; }
    DEVICE double length(int j, double t) const {
        const double most = room(j);
        const double reached = reach(j, t);
        return reached < most ? reached : most;
    }
    DEVICE double step(int j, double t) const {
        const double along = length(j, t);
        return (gap < 0) == (w[j] < 0.0f) ? along : -along;
    }
};

constexpr double kFar = 1e300;  // more than any room, times any |w| that is not zero

// The t at which the way meets the boundary, kFar if no point of the box does. What a way gains with t is concave and
// piecewise linear: Newton's method from the left never passes the root, and is there once no more coordinates stop.
DEVICE double meeting(const Way& way) {
    double t = 0.0;
    for (;;) {
        double held = 0.0;
        double slope = 0.0;
#pragma unroll 1
        for (int j = warp_lane(); j < way.d; j += kWarp) {
            const double g = fabs(static_cast<double>(way.w[j]));
            const double most = way.room(j);
            if (way.reach(j, t) < most) {
                slope += way.linf ? g : g * g;
            } else {
                held += g * most;
            }
        }
        held = warp_sum(held);
        slope = warp_sum(slope);
        if (slope == 0.0) {
            return way.gap == 0.0 ? 0.0 : kFar;
        }
        const double next = (fabs(way.gap) - held) / slope;
        if (!(next > t)) {
            return t;
        }
        t = next;
    }
}

DEVICE double length_of(const Way& way, double t) {
    if (!way.linf) {
        return sqrt(row_sum(way.d, [&](int j) {
            const double along = way.length(j, t);
            return along * along;
        }));
    }
    double longest = 0.0;
#pragma unroll 1
    for (int j = warp_lane(); j < way.d; j += kWarp) {
        const double along = way.length(j, t);
        longest = along > longest ? along : longest;
    }
    return warp_max(longest);
}

KERNEL(128) boundary_step(int norm, int n, int d, int c, const float* z, const float* direction,
                          const float* gradient, const float* all_origins, float most_origin, float overshoot,
                          const int* beaten, int* zero_gradients, float* all_x) {
    const int i = warp_row();
    if (i >= n) return;
    if (beaten != nullptr && beaten[i] >= 0) return;
    const size_t at = static_cast<size_t>(i) * static_cast<size_t>(d);
    const float* w = gradient + at;
    const float* origin = all_origins + at;
    float* x = all_x + at;
    const double size = row_sum(d, [&](int j) { return fabs(static_cast<double>(w[j])); });
    if (size == 0.0) {
        if (zero_gradients != nullptr && warp_lane() == 0) {
            ++zero_gradients[i];
        }
        return;
    }
    const size_t class_at = static_cast<size_t>(i) * static_cast<size_t>(c);
    const double value = row_sum(c, [&](int j) {
        return static_cast<double>(direction[class_at + j]) * static_cast<double>(z[class_at + j]);
    });
    const double gained = row_sum(d, [&](int j) { return static_cast<double>(w[j]) * difference_of(x[j], origin[j]); });
    if (!(size < 1e100) || !(fabs(value) < 1e100)) return;  // there is no boundary to step to
    const bool linf = norm == kLinf;
    const Way here{d, w, x, -value, linf};
    const Way there{d, w, origin, gained - value, linf};
    const double t = meeting(here);
    const double t_origin = meeting(there);
    const double length = length_of(here, t);
    const double both = length + length_of(there, t_origin);
    const double most = most_origin;
    const double share = both > 0.0 ? (length / both < most ? length / both : most) : 0.0;
    const double beyond = overshoot;
#pragma unroll 1
    for (int j = warp_lane(); j < d; j += kWarp) {
        const double from_x = static_cast<double>(x[j]) + beyond * here.step(j, t);
        const double from_origin = static_cast<double>(origin[j]) + beyond * there.step(j, t_origin);
        x[j] = clip_box(static_cast<float>((1.0 - share) * from_x + share * from_origin));
    }
}
KERNEL_EXPORT(boundary_step)
