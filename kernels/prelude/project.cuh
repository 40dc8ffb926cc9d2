// Projection of a row x (length d) about its origin onto the ball of a norm and the box [0,1], in place, by one warp
// (conventions: reduce.cuh). The semantics of native/cpu/project.h and distance.h; sums are in another order, so results
// may differ from the CPU device's in the last place. The distance of the stored float32 values in exact arithmetic is at
// most epsilon afterwards.
#pragma once

DEVICE float clip_box(float v) {
    const float raised = v > 0.0f ? v : 0.0f;
    return raised < 1.0f ? raised : 1.0f;
}

DEVICE double difference_of(float a, float b) {
    return static_cast<double>(a) - static_cast<double>(b);
}

struct DistanceL2 {
    DEVICE static double of(int d, const float* x, const float* origin) {
        return sqrt(row_sum(d, [&](int j) {
            const double delta = difference_of(x[j], origin[j]);
            return delta * delta;
        }));
    }
};

struct DistanceL1 {
    DEVICE static double of(int d, const float* x, const float* origin) {
        return row_sum(d, [&](int j) { return fabs(difference_of(x[j], origin[j])); });
    }
};

// A measured distance, with the rounding of any order of summation allowed for: if it is at most epsilon, so is the
// distance in exact arithmetic.
DEVICE double with_allowance(int d, double distance) {
    return distance * (1.0 + static_cast<double>(d) * 0x1p-52);
}

DEVICE bool in_box(int d, const float* x) {
    bool outside = false;
    for (int j = warp_lane(); j < d; j += kWarp) {
        outside |= !(x[j] >= 0.0f) || !(x[j] <= 1.0f);
    }
    return !warp_any(outside);
}

// Rounding to float32 may have left a projected row an ulp outside: shrinks it towards the origin, by an ulp at first and
// twice as much each time after (an ulp less may round back to the same floats), until its distance is at most epsilon.
template <class Distance>
DEVICE void shrink_inside(int d, const float* origin, float epsilon, float* x) {
    for (double less = 0x1p-24; with_allowance(d, Distance::of(d, x, origin)) > static_cast<double>(epsilon);) {
        less = less < 0.5 ? less * 2 : 1.0;
#pragma unroll 1
        for (int j = warp_lane(); j < d; j += kWarp) {
            const double from = origin[j];
            x[j] = static_cast<float>(from + difference_of(x[j], origin[j]) * (1.0 - less));
        }
    }
}

// Onto the ball, then onto the box: the origin is in the box, so clipping only shortens.
DEVICE void project_l2(int d, const float* origin, float epsilon, float* x) {
    const double distance = DistanceL2::of(d, x, origin);
    if (with_allowance(d, distance) <= static_cast<double>(epsilon) && in_box(d, x)) {
        return;  // origin + (x - origin) is not x where x - origin needs more bits than a double has
    }
    const double factor = distance > static_cast<double>(epsilon) ? static_cast<double>(epsilon) / distance : 1.0;
    for (int j = warp_lane(); j < d; j += kWarp) {
        const double from = origin[j];
        x[j] = clip_box(static_cast<float>(from + difference_of(x[j], origin[j]) * factor));
    }
    shrink_inside<DistanceL2>(d, origin, epsilon, x);
}

// How far a coordinate may go from its origin in the direction of delta before it meets the box.
DEVICE double box_room(double delta, float origin) {
    return delta > 0 ? 1.0 - static_cast<double>(origin) : static_cast<double>(origin);
}

DEVICE double thresholded(double delta, double room, double lambda) {
    const double over = fabs(delta) - lambda;
    const double kept = over > 0.0 ? over : 0.0;
    return kept < room ? kept : room;
}

// The lambda of project_l1: a Newton iteration on the piecewise linear sum of thresholded lengths, kept inside a bracket.
DEVICE double l1_threshold(int d, const float* origin, float epsilon, const float* x) {
    double largest = 0.0;
    for (int j = warp_lane(); j < d; j += kWarp) {
        const double size = fabs(difference_of(x[j], origin[j]));
        largest = size > largest ? size : largest;
    }
    double low = 0.0;
    double high = warp_max(largest);
    double lambda = 0.0;
    for (int iteration = 0; iteration < 64; ++iteration) {
        double length = 0.0;
        int sloping = 0;  // coordinates that still fall with lambda
#pragma unroll 1
        for (int j = warp_lane(); j < d; j += kWarp) {
            const double delta = difference_of(x[j], origin[j]);
            const double room = box_room(delta, origin[j]);
            const double over = fabs(delta) - lambda;
            length += thresholded(delta, room, lambda);
            sloping += over > 0 && over <= room ? 1 : 0;
        }
        const double excess = warp_sum(length) - static_cast<double>(epsilon);
        if (excess <= 0 && (lambda == 0.0 || -excess <= 1e-9 * static_cast<double>(epsilon))) {
            return lambda;  // inside, and on the ball's surface or not in need of any threshold
        }
        (excess > 0 ? low : high) = lambda;
        const int slope = warp_sum(sloping);
        const double newton = slope > 0 ? lambda + excess / static_cast<double>(slope) : low;
        const double next = newton > low && newton < high ? newton : 0.5 * (low + high);
        if (next == lambda || high - low <= 0x1p-50 * high) {
            return high;
        }
        lambda = next;
    }
    return lambda;
}

// Onto ball and box together (Croce and Hein 2021, "Mind the box"): each coordinate's distance is soft-thresholded by one
// lambda >= 0 and cut at the box.
DEVICE void project_l1(int d, const float* origin, float epsilon, float* x) {
    if (with_allowance(d, DistanceL1::of(d, x, origin)) <= static_cast<double>(epsilon) && in_box(d, x)) {
        return;
    }
    const double lambda = l1_threshold(d, origin, epsilon, x);
    for (int j = warp_lane(); j < d; j += kWarp) {
        const double delta = difference_of(x[j], origin[j]);
        const double length = thresholded(delta, box_room(delta, origin[j]), lambda);
        x[j] = clip_box(static_cast<float>(static_cast<double>(origin[j]) + (delta > 0 ? length : -length)));
    }
    shrink_inside<DistanceL1>(d, origin, epsilon, x);
}
