// FAB's step of a row x about its origin: to the closest points of both on the linearised boundary value + <w, u - x> = 0
// within the box [0,1], and a little beyond. All in double.
#include <limits>

#include "distance.h"
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

namespace {

// One number or eight.
template <class Number>
inline Number absolute(Number v) {
    return v < 0.0 ? -v : v;
}

// The way from a point to the boundary: coordinate j goes by min(t, room) (L-inf) or min(t |w|, room) (L2), room being what
// the box leaves in its direction.
struct Way {
    int64_t d;
    const float* w;
    const float* from;
    double gap;  // what <w, u - from> has to come to
    bool linf;

    template <class Number>
    Number room(Number g, Number p) const {
        const Number up = gap < 0 ? -g : g;
        return up > 0.0 ? 1.0 - p : (up < 0.0 ? p : Number{});
    }
    template <class Number>
    Number reach(Number g, double t) const {
        return linf ? Number{} + t : absolute(g) * t;
    }
    template <class Number>
    Number length(Number g, Number p, double t) const {
        const Number most = room(g, p);
        const Number reached = reach(g, t);
        return reached < most ? reached : most;
    }
    double step(int64_t j, double t) const {
        const double g = w[j];
        const double along = length<double>(g, from[j], t);
        return (gap < 0) == (g < 0) ? along : -along;
    }
};

// The t at which the way meets the boundary, infinite if no point of the box does. What a way gains with t is concave and
// piecewise linear: Newton's method from the left never passes the root, and is there once no more coordinates stop.
double meeting(const Way& way) {
    double t = 0.0;
    for (;;) {
        Doubles holding = {};
        Doubles rising = {};
        each_eight(way.d, [&](int64_t j, int64_t count) {
            const Doubles g = doubles_of(way.w + j, count);
            const Doubles most = way.room(g, doubles_of(way.from + j, count));
            const auto goes_on = way.reach(g, t) < most;
            holding += goes_on ? Doubles{} : absolute(g) * most;
            rising += goes_on ? (way.linf ? absolute(g) : g * g) : Doubles{};
        });
        const double held = total_of(holding);
        const double slope = total_of(rising);
        if (slope == 0.0) {
            return way.gap == 0.0 ? 0.0 : std::numeric_limits<double>::infinity();
        }
        const double next = (std::fabs(way.gap) - held) / slope;
        if (!(next > t)) {
            return t;
        }
        t = next;
    }
}

double length_of(const Way& way, double t) {
    const auto along = [&](int64_t j, int64_t count) {
        return way.length(doubles_of(way.w + j, count), doubles_of(way.from + j, count), t);
    };
    if (way.linf) {
        return largest_of(way.d, along);
    }
    return std::sqrt(sum_of(way.d, [&](int64_t j, int64_t count) { return along(j, count) * along(j, count); }));
}

}  // namespace

void boundary_step(const BoundaryStep& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        if (a.beaten != nullptr && a.beaten[i] >= 0) {
            continue;
        }
        const float* w = a.gradient + i * a.d;
        const float* origin = a.origin + i * a.d;
        float* x = a.x + i * a.d;
        const double size =
                sum_of(a.d, [w](int64_t j, int64_t count) { return absolute(doubles_of(w + j, count)); });
        if (size == 0.0) {
            if (a.zero_gradients != nullptr) {
                ++a.zero_gradients[i];
            }
            continue;
        }
        double value = 0.0;
        for (int64_t j = 0; j < a.c; ++j) {
            value += static_cast<double>(a.direction[i * a.c + j]) * static_cast<double>(a.z[i * a.c + j]);
        }
        const double gained = sum_of(a.d, [w, x, origin](int64_t j, int64_t count) {
            return doubles_of(w + j, count) * (doubles_of(x + j, count) - doubles_of(origin + j, count));
        });
        if (!std::isfinite(size) || !std::isfinite(value)) {
            continue;  // there is no boundary to step to
        }
        const bool linf = a.norm == SP_LINF;
        const Way here{a.d, w, x, -value, linf};
        const Way there{a.d, w, origin, gained - value, linf};
        const double t = meeting(here);
        const double t_origin = meeting(there);
        const double length = length_of(here, t);
        const double both = length + length_of(there, t_origin);
        const double most = a.most_origin;
        const double share = both > 0.0 ? (length / both < most ? length / both : most) : 0.0;
        const double beyond = a.overshoot;
        for (int64_t j = 0; j < a.d; ++j) {
            const double from_x = static_cast<double>(x[j]) + beyond * here.step(j, t);
            const double from_origin = static_cast<double>(origin[j]) + beyond * there.step(j, t_origin);
            x[j] = clip_box(static_cast<float>((1.0 - share) * from_x + share * from_origin));
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
