// Projection of a row x about its origin onto the ball of a norm and the box [0,1], in place.
#pragma once

#include <algorithm>

#include "distance.h"

namespace sp::SP_LEVEL_NAMESPACE {

inline void project_linf(int64_t d, const float* origin, float epsilon, float* x) {
    for (int64_t j = 0; j < d; ++j) {
        x[j] = clip_linf(x[j], origin[j], epsilon);
    }
}

// Onto the ball, then onto the box: the origin is in the box, so clipping only shortens.
inline void project_l2(int64_t d, const float* origin, float epsilon, float* x) {
    const double distance = distance_l2(d, x, origin);
    if (with_allowance(d, distance) <= static_cast<double>(epsilon) && in_box(d, x)) {
        return;  // origin + (x - origin) is not x where x - origin needs more bits than a double has
    }
    const double factor = distance > static_cast<double>(epsilon) ? static_cast<double>(epsilon) / distance : 1.0;
    for (int64_t j = 0; j < d; ++j) {
        const double from = origin[j];
        x[j] = clip_box(static_cast<float>(from + (static_cast<double>(x[j]) - from) * factor));
    }
    shrink_inside(d, origin, epsilon, distance_l2, x);
}

// Onto ball and box together (Croce and Hein 2021, "Mind the box"): each coordinate's distance is soft-thresholded by
// one lambda >= 0 and cut at the box; their sum falls piecewise linearly in lambda, which a Newton iteration kept inside
// a bracket finds.
inline void project_l1(int64_t d, const float* origin, float epsilon, float* x) {
    if (with_allowance(d, distance_l1(d, x, origin)) <= static_cast<double>(epsilon) && in_box(d, x)) {
        return;
    }
    const auto kept = [x, origin](int64_t j, int64_t count, double lambda) {
        const Doubles from = doubles_of(origin + j, count);
        const Doubles delta = doubles_of(x + j, count) - from;
        const Doubles room = delta > 0.0 ? 1.0 - from : from;
        const Doubles over = size_of(delta) - lambda;
        const Doubles left = over > 0.0 ? over : Doubles{};
        return left < room ? left : room;
    };
    double low = 0.0;
    double high = 0.0;
    for (int64_t j = 0; j < d; ++j) {
        high = std::max(high, std::fabs(static_cast<double>(x[j]) - static_cast<double>(origin[j])));
    }
    double lambda = 0.0;
    for (int iteration = 0; iteration < 64; ++iteration) {
        const double excess = sum_of(d, [=](int64_t j, int64_t count) { return kept(j, count, lambda); }) -
                              static_cast<double>(epsilon);
        if (excess <= 0 && (lambda == 0.0 || -excess <= 1e-9 * static_cast<double>(epsilon))) {
            break;  // inside, and on the ball's surface or not in need of any threshold
        }
        (excess > 0 ? low : high) = lambda;
        const double slope = sum_of(d, [=](int64_t j, int64_t count) {
            const Doubles from = doubles_of(origin + j, count);
            const Doubles delta = doubles_of(x + j, count) - from;
            const Doubles room = delta > 0.0 ? 1.0 - from : from;
            const Doubles over = size_of(delta) - lambda;
            return (over > 0.0) & (over <= room) ? Doubles{} + 1.0 : Doubles{};
        });
        const double newton = slope > 0 ? lambda + excess / slope : low;
        const double next = newton > low && newton < high ? newton : 0.5 * (low + high);
        if (next == lambda || high - low <= 0x1p-50 * high) {
            lambda = high;
            break;
        }
        lambda = next;
    }
    for (int64_t j = 0; j < d; ++j) {
        const double delta = static_cast<double>(x[j]) - static_cast<double>(origin[j]);
        const double room = delta > 0 ? 1.0 - static_cast<double>(origin[j]) : static_cast<double>(origin[j]);
        const double length = std::min(room, std::max(std::fabs(delta) - lambda, 0.0));
        x[j] = clip_box(static_cast<float>(static_cast<double>(origin[j]) + (delta > 0 ? length : -length)));
    }
    shrink_inside(d, origin, epsilon, distance_l1, x);
}

}  // namespace sp::SP_LEVEL_NAMESPACE
