// The Square attack's start and proposals (Andriushchenko et al. 2020, "Square attack: a query-efficient black-box
// adversarial attack via random search", algorithms 2 and 3); rows are images of channels x height x width.
#include <algorithm>
#include <cstring>

#include "operations.h"
#include "philox.h"
#include "project.h"

namespace sp::SP_LEVEL_NAMESPACE {

namespace {

float sign_of_word(uint32_t word) {
    return (word >> 31) != 0 ? 1.0f : -1.0f;
}

int64_t place_of(uint32_t word, int64_t places) {
    return static_cast<int64_t>((static_cast<uint64_t>(word) * static_cast<uint64_t>(places)) >> 32);
}

// Windows that a proposal draws; [1] is the one that gives its length away.
struct Draw {
    int64_t row[2], column[2];
    const float* bump;
};

// Calls use(offset in the image, offset in the window) for a window of one channel.
template <class Use>
void each_of_window(const SquareShape& s, int64_t channel, int64_t row, int64_t column, const Use& use) {
    for (int64_t r = 0; r < s.rows; ++r) {
        const int64_t at = (channel * s.height + row + r) * s.width + column;
        for (int64_t q = 0; q < s.columns; ++q) {
            use(at + q, r * s.columns + q);
        }
    }
}

void change_linf(const SquareProposal& a, const Draw& draw, int64_t channel, float sign, const float* origin, float* x) {
    const float change = sign * (2.0f * a.epsilon);
    each_of_window(a.shape, channel, draw.row[0], draw.column[0], [=](int64_t j, int64_t) {
        x[j] = clip_linf(x[j] + change, origin[j], a.epsilon);
    });
}

// unused: this channel's share of epsilon^2 - |point - origin|^2.
void change_l2(const SquareProposal& a, const Draw& draw, int64_t channel, float sign, double unused,
               const float* origin, const float* point, float* x) {
    const SquareShape& s = a.shape;
    const auto delta = [=](int64_t j) { return static_cast<double>(point[j]) - static_cast<double>(origin[j]); };
    double first = 0.0;
    each_of_window(s, channel, draw.row[0], draw.column[0], [&](int64_t j, int64_t) { first += delta(j) * delta(j); });
    double second = 0.0;  // of what lies in the second window alone
    each_of_window(s, channel, draw.row[1], draw.column[1], [&](int64_t j, int64_t) {
        const int64_t r = j / s.width % s.height - draw.row[0];
        const int64_t q = j % s.width - draw.column[0];
        if (r < 0 || r >= s.rows || q < 0 || q >= s.columns) {
            second += delta(j) * delta(j);
        }
        x[j] = origin[j];
    });
    const double before = first > 0.0 ? 1.0 / std::sqrt(first) : 0.0;
    const auto changed = [=](int64_t j, int64_t e) {
        return static_cast<double>(sign * draw.bump[e]) + delta(j) * before;
    };
    double length = 0.0;
    each_of_window(s, channel, draw.row[0], draw.column[0], [&](int64_t j, int64_t e) {
        length += changed(j, e) * changed(j, e);
    });
    const double factor = length > 0.0 ? std::sqrt((first + second + unused) / length) : 0.0;
    each_of_window(s, channel, draw.row[0], draw.column[0], [=](int64_t j, int64_t e) {
        x[j] = static_cast<float>(static_cast<double>(origin[j]) + factor * changed(j, e));
    });
}

}  // namespace

void square_start(const SquareStart& a, int64_t begin, int64_t end) {
    const SquareShape& s = a.shape;
    const int64_t d = s.size();
    const int64_t across = s.width / s.columns;
    const int64_t tiles = s.height / s.rows * across;
    const int64_t top = s.height % s.rows / 2;
    const int64_t left = s.width % s.columns / 2;
    for (int64_t i = begin; i < end; ++i) {
        const float* origin = a.origin + i * d;
        float* x = a.x + i * d;
        std::memcpy(x, origin, sizeof(float) * static_cast<size_t>(d));
        const float* bump = nullptr;
        philox_each(a.seed, 0, a.indices[i], a.restart, a.stream, tiles * (s.channels + 1),
                    [&](int64_t element, uint32_t word) {
                        const int64_t tile = element / (s.channels + 1);
                        const int64_t channel = element % (s.channels + 1) - 1;
                        if (channel < 0) {
                            bump = s.bumps == nullptr ? nullptr : s.bumps + (word >> 31) * s.rows * s.columns;
                            return;
                        }
                        const float change = sign_of_word(word) * a.amplitude;
                        each_of_window(s, channel, top + tile / across * s.rows, left + tile % across * s.columns,
                                       [&](int64_t j, int64_t e) {
                                           x[j] += bump == nullptr ? change : change * bump[e];
                                       });
                    });
        if (a.norm == SP_L2) {
            project_l2(d, origin, a.epsilon, x);
        } else {
            project_linf(d, origin, a.epsilon, x);
        }
    }
}

void square_proposal(const SquareProposal& a, int64_t begin, int64_t end) {
    const SquareShape& s = a.shape;
    const int64_t d = s.size();
    for (int64_t i = begin; i < end; ++i) {
        if (a.beaten != nullptr && a.beaten[i] >= 0) {
            continue;
        }
        const float* origin = a.origin + i * d;
        const float* point = a.point + i * d;
        float* x = a.x + i * d;
        std::memcpy(x, point, sizeof(float) * static_cast<size_t>(d));
        double unused = 0.0;
        if (a.norm == SP_L2) {
            const double distance = distance_l2(d, point, origin);
            const double left = static_cast<double>(a.epsilon) * static_cast<double>(a.epsilon) - distance * distance;
            unused = left > 0.0 ? left / static_cast<double>(s.channels) : 0.0;
        }
        Draw draw{};
        philox_each(a.seed, 0, a.indices[i], a.query, a.stream, 5 + s.channels, [&](int64_t element, uint32_t word) {
            if (element < 4) {
                (element % 2 == 0 ? draw.row : draw.column)[element / 2] =
                        place_of(word, 1 + (element % 2 == 0 ? s.height - s.rows : s.width - s.columns));
            } else if (element == 4) {
                draw.bump = s.bumps == nullptr ? nullptr : s.bumps + (word >> 31) * s.rows * s.columns;
            } else if (a.norm == SP_L2) {
                change_l2(a, draw, element - 5, sign_of_word(word), unused, origin, point, x);
            } else {
                change_linf(a, draw, element - 5, sign_of_word(word), origin, x);
            }
        });
        if (a.norm == SP_L2) {
            project_l2(d, origin, a.epsilon, x);
        }
    }
}

}  // namespace sp::SP_LEVEL_NAMESPACE
