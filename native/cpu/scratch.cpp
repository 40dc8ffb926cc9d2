#include "scratch.h"

#include <cstdlib>

namespace sp {

namespace {

constexpr int64_t kLine = 64;

struct Memory {
    void* start = nullptr;
    int64_t bytes = 0;

    ~Memory() { std::free(start); }
};

thread_local Memory memory;

}  // namespace

void* scratch(int64_t bytes) {
    if (bytes > memory.bytes) {
        const int64_t whole = (bytes + kLine - 1) / kLine * kLine;
        std::free(memory.start);
        memory.start = std::aligned_alloc(kLine, static_cast<size_t>(whole));
        memory.bytes = memory.start == nullptr ? 0 : whole;
    }
    return memory.start;
}

}  // namespace sp
