// Runs every test, or those whose name contains the first argument. TEST_SHARD=0/2 and 1/2 are the two halves.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "test.h"

int main(int count, char** arguments) {
    int ran = 0, failed = 0, shard = 0, shards = 1, position = 0;
    if (const char* wanted = std::getenv("TEST_SHARD")) {
        if (std::sscanf(wanted, "%d/%d", &shard, &shards) != 2 || shards < 1) {
            std::fprintf(stderr, "TEST_SHARD=%s\n", wanted);
            return 2;
        }
    }
    for (const test::Case& one : test::cases()) {
        if ((count > 1 && !std::strstr(one.name, arguments[1])) || position++ % shards != shard) {
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
