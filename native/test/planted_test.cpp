// The emulator's self-test: `planted_test <kernel> <fault>` runs one planted kernel at a ragged size. Each bug must be
// caught by the build that is for it; without its bug each kernel must pass everywhere.
#include <cmath>
#include <cstdio>
#include <cstring>

#include "launch.h"

int main(int count, char** arguments) {
    if (count != 3) {
        std::fprintf(stderr, "planted_test <kernel> <fault>\n");
        return 2;
    }
    const int n = 61, fault = std::atoi(arguments[2]);
    const char* name = arguments[1];
    test::Array<float> x(n), out(n);
    for (int i = 0; i < n; i++) {
        x[size_t(i)] = float(i);
    }
    std::string error;
    if (!std::strcmp(name, "planted_wait")) {
        error = test::try_launch(name, {1}, {64}, n * sizeof(float), n, fault, x, out);
    } else {
        const size_t shared = std::strcmp(name, "planted_dynamic_store") ? 0 : n * sizeof(float);
        error = test::try_launch(name, {1}, {64}, shared, n, fault, out);
    }
    if (!error.empty()) {
        std::printf("caught: %s\n", error.c_str());
        return 1;
    }
    for (int i = 0; i < n; i++) {
        if (std::isnan(out[size_t(i)])) {
            std::printf("caught: element %d is NaN\n", i);
            return 1;
        }
    }
    std::printf("nothing found\n");
    return 0;
}
