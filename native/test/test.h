// A test framework of one page: TEST(name) { EXPECT(condition); EXPECT_CLOSE(got, want, tolerance); }
#pragma once

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

namespace test {

struct Case {
    const char* name;
    void (*body)();
};

inline std::vector<Case>& cases() {
    static std::vector<Case> all;
    return all;
}

inline int& failures() {
    static int count = 0;
    return count;
}

struct Registered {
    Registered(const char* name, void (*body)()) { cases().push_back({name, body}); }
};

// Says the first few failures; the rest are counted.
inline void expect(bool holds, const char* file, int line, const std::string& what) {
    if (!holds && ++failures() <= 20) {
        std::fprintf(stderr, "%s:%d: %s\n", file, line, what.c_str());
    }
}

inline void expect_close(double got, double want, double tolerance, const char* file, int line, const char* what) {
    const bool same = got == want || (std::isnan(got) && std::isnan(want));
    if (!same && !(std::fabs(got - want) <= tolerance)) {
        char numbers[160];
        std::snprintf(numbers, sizeof numbers, ": %.9g, expected %.9g within %.3g", got, want, tolerance);
        expect(false, file, line, what + std::string(numbers));
    }
}

// Repeatable values in [-1, 1).
class Random {
public:
    explicit Random(unsigned seed = 1) : state_(seed * 2654435761u + 1) {}
    float next() {
        state_ = state_ * 6364136223846793005ull + 1442695040888963407ull;
        return float(int(state_ >> 40) - (1 << 23)) / float(1 << 23);
    }
    int below(int bound) { return int((next() + 1) * 0.5f * float(bound)) % bound; }
    std::vector<float> floats(size_t count, float scale = 1) {
        std::vector<float> values(count);
        for (float& value : values) {
            value = next() * scale;
        }
        return values;
    }
    std::vector<int> ints(size_t count, int bound) {
        std::vector<int> values(count);
        for (int& value : values) {
            value = below(bound);
        }
        return values;
    }

private:
    unsigned long long state_;
};

}  // namespace test

#define TEST(name)                                             \
    static void test_##name();                                 \
    static test::Registered registered_##name(#name, test_##name); \
    static void test_##name()
#define EXPECT(condition) test::expect(condition, __FILE__, __LINE__, #condition)
#define EXPECT_CLOSE(got, want, tolerance) test::expect_close(got, want, tolerance, __FILE__, __LINE__, #got)
