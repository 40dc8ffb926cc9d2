// Runs every test, or those whose name contains the first argument.
#include <chrono>
#include <cstdio>
#include <cstring>

#include "test.h"

int main(int count, char** arguments) {
    int ran = 0, failed = 0;
    for (const test::Case& one : test::cases()) {
        if (count > 1 && !std::strstr(one.name, arguments[1])) {
            continue;
        }
        ran++;
        test::failures() = 0;
        const auto start = std::chrono::steady_clock::now();
        one.body();
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
        std::printf("%-50s %6.2f s%s\n", one.name, seconds.count(), test::failures() ? "  FAILED" : "");
        failed += test::failures() != 0;
    }
    std::printf("%d tests, %d failed\n", ran, failed);
    return failed != 0 || ran == 0;
}
