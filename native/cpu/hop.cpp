// HopSkipJump (Chen et al. 2020, algorithm 2): what changes from phase to phase, what to ask, and what the answer says. Rows
// of d, logits of c.
#include <cfloat>
#include <cmath>
#include <cstring>

#include "distance.h"
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

namespace {

double distance_of(int32_t norm, int64_t d, const float* x, const float* origin) {
    return norm == SP_L2 ? distance_l2(d, x, origin) : distance_linf(d, x, origin);
}

// x = that share of the way from origin to point (L2), or point cut to that share of its distance (L-inf). x may be point.
void place_between(int32_t norm, int64_t d, const float* origin, const float* point, double share, float* x) {
    const double bound = norm == SP_L2 ? 0.0 : share * distance_of(norm, d, point, origin);
    for (int64_t j = 0; j < d; ++j) {
        const double from = origin[j];
        double way = static_cast<double>(point[j]) - from;
        if (norm == SP_L2) {
            way *= share;
        } else {
            way = way > bound ? bound : way < -bound ? -bound : way;
        }
        x[j] = clip_box(static_cast<float>(from + way));
    }
}

// toward = the difference of the mean directions, over its length (L2) or its sign (L-inf).
void aim(int32_t norm, int64_t d, int32_t hits, int32_t misses, const float* away, float* toward) {
    const double hit = hits > 0 ? 1.0 / hits : 0.0;
    const double miss = misses > 0 ? 1.0 / misses : 0.0;
    const double length = std::sqrt(sum_of(d, [=](int64_t j, int64_t count) {
        const Doubles v = doubles_of(toward + j, count) * hit - doubles_of(away + j, count) * miss;
        return v * v;
    }));
    for (int64_t j = 0; j < d; ++j) {
        const double v = static_cast<double>(toward[j]) * hit - static_cast<double>(away[j]) * miss;
        if (norm == SP_L2) {
            toward[j] = static_cast<float>(length > 0.0 ? v / length : 0.0);
        } else {
            toward[j] = v > 0.0 ? 1.0f : v < 0.0 ? -1.0f : 0.0f;
        }
    }
}

// A misclassified x is kept where it is closer than the one kept so far.
void keep(const HopJudge& a, int64_t i, const float* x, const float* origin) {
    double distance = distance_of(a.norm, a.d, x, origin);
    if (a.norm == SP_L2) {
        distance = with_allowance(a.d, distance);
    }
    const bool inside = distance <= static_cast<double>(a.epsilon);
    const float objective = -static_cast<float>(distance);
    // Distances that are one float32 may lie on both sides of epsilon.
    if (objective > a.best_objective[i] || (inside && a.beaten[i] < 0)) {
        a.best_objective[i] = objective;
        std::memcpy(a.best_x + i * a.d, x, sizeof(float) * static_cast<size_t>(a.d));
        a.beaten[i] = inside ? a.counts[3 * i] - 1 : -1;
    }
}

}  // namespace

void hop_turn(const HopTurn& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        const float* origin = a.origin + i * a.d;
        float* point = a.point + i * a.d;
        float* toward = a.toward + i * a.d;
        float* away = a.away + i * a.d;
        int32_t* counts = a.counts + 3 * i;
        if (a.phase == SP_HOP_BISECT) {
            const float kept = a.best_objective[i];
            const bool found = kept < 0.0f && kept >= -FLT_MAX;
            const bool over = counts[0] >= a.queries || (a.beaten[i] >= 0 && a.minimal == 0);
            a.done[i] = found && !over ? -1 : 0;
        }
        if (a.done[i] >= 0) {
            continue;
        }
        if (a.phase == SP_HOP_BISECT) {
            a.bracket[2 * i] = 0.0f;
            a.bracket[2 * i + 1] = 1.0f;
            a.size[i] = static_cast<float>(distance_of(a.norm, a.d, point, origin) / static_cast<double>(a.d));
        } else if (a.phase == SP_HOP_PROBE) {
            place_between(a.norm, a.d, origin, point, static_cast<double>(a.bracket[2 * i + 1]), point);
            std::memset(toward, 0, sizeof(float) * static_cast<size_t>(a.d));
            std::memset(away, 0, sizeof(float) * static_cast<size_t>(a.d));
            counts[1] = 0;
            counts[2] = 0;
        } else {
            aim(a.norm, a.d, counts[1], counts[2], away, toward);
            a.size[i] = static_cast<float>(distance_of(a.norm, a.d, point, origin)
                                           / std::sqrt(static_cast<double>(a.iteration)));
        }
    }
}

void hop_propose(const HopPropose& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        if (a.done[i] >= 0) {
            continue;
        }
        const float* point = a.point + i * a.d;
        float* x = a.x + i * a.d;
        if (a.phase == SP_HOP_BISECT) {
            const float middle = (a.bracket[2 * i] + a.bracket[2 * i + 1]) * 0.5f;
            place_between(a.norm, a.d, a.origin + i * a.d, point, static_cast<double>(middle), x);
            continue;
        }
        const float* toward = a.toward + i * a.d;
        const double size = a.size[i];
        for (int64_t j = 0; j < a.d; ++j) {
            x[j] = clip_box(static_cast<float>(static_cast<double>(point[j]) + size * static_cast<double>(toward[j])));
        }
    }
}

void hop_judge(const HopJudge& a, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        if (a.done[i] >= 0) {
            continue;
        }
        int32_t predicted = 0;
        arg_max(ArgMax{a.c, a.z + i * a.c, &predicted}, 0, 1);
        const bool missed = predicted != a.labels[i];
        const float* x = a.x + i * a.d;
        float* point = a.point + i * a.d;
        int32_t* counts = a.counts + 3 * i;
        float* bracket = a.bracket + 2 * i;
        ++counts[0];
        if (a.phase == SP_HOP_PROBE) {
            ++counts[missed ? 1 : 2];
            float* sum = (missed ? a.toward : a.away) + i * a.d;
            for (int64_t j = 0; j < a.d; ++j) {
                sum[j] = static_cast<float>(static_cast<double>(sum[j])
                                            + (static_cast<double>(x[j]) - static_cast<double>(point[j])));
            }
        } else {
            if (missed) {
                keep(a, i, x, a.origin + i * a.d);
            }
            if (a.phase == SP_HOP_BISECT) {
                bracket[missed ? 1 : 0] = (bracket[0] + bracket[1]) * 0.5f;
            } else if (missed) {
                std::memcpy(point, x, sizeof(float) * static_cast<size_t>(a.d));
                a.done[i] = 0;
            } else if (a.phase == SP_HOP_STEP) {
                a.size[i] *= 0.5f;
            }
        }
        if (counts[0] >= a.queries || (a.beaten[i] >= 0 && a.minimal == 0)) {
            a.done[i] = 0;
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
