#include "switches.h"

#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "api.h"
#include "../runtime.h"

namespace emu {
namespace {

std::atomic<int64_t> counters[COUNTERS];

void set_compute_capabilities(Switches& s, const char* value) {
    s.cc[0] = s.cc[1] = std::atoi(value);
    if (const char* second = std::strchr(value, ',')) {
        s.cc[1] = std::atoi(second + 1);
    }
}

struct Row {
    const char* name;
    const char* initial;
    void (*apply)(Switches&, const char*);
};

// The one table of switches.
const Row TABLE[] = {
        {"EMU_CC", "90", set_compute_capabilities},
        {"EMU_MEMORY", "4294967296", [](Switches& s, const char* v) { s.memory = std::strtoull(v, nullptr, 0); }},
        {"EMU_LAZY", "1", [](Switches& s, const char* v) { s.lazy = std::atoi(v) != 0; }},
        {"EMU_ORDER", "forward", [](Switches&, const char* v) { options().reverse = !std::strcmp(v, "reverse"); }},
        {"EMU_WORKERS", "0",
         [](Switches&, const char* v) {
             const int workers = std::atoi(v);
             options().workers = workers > 0 ? unsigned(workers) : std::max(1u, std::thread::hardware_concurrency());
         }},
        {"EMU_FAIL_ALLOC", "0", [](Switches& s, const char* v) { s.fail_allocation = std::atoll(v); }},
        {"EMU_FAIL_LAUNCH", "0", [](Switches& s, const char* v) { s.fail_launch = std::atoll(v); }},
        {"EMU_DEVICES", "1", [](Switches& s, const char* v) { s.devices = std::atoi(v); }},
        {"EMU_DRIVER_VERSION", "13000", [](Switches& s, const char* v) { s.driver_version = std::atoi(v); }},
        {"EMU_LOG", "0", [](Switches& s, const char* v) { s.log = std::atoi(v) != 0; }},
        {"EMU_LEAKS_FATAL", "0", [](Switches& s, const char* v) { s.leaks_fatal = std::atoi(v) != 0; }},
};

}  // namespace

Switches& switches() {
    static Switches chosen = [] {
        Switches s{};
        for (const Row& row : TABLE) {
            const char* value = std::getenv(row.name);
            row.apply(s, value && *value ? value : row.initial);
        }
        return s;
    }();
    return chosen;
}

void count(Counter counter, int64_t amount) {
    counters[counter] += amount;
}

bool is_due(int64_t& countdown) {
    return countdown > 0 && --countdown == 0;
}

void say(const char* format, ...) {
    char line[1024];
    std::va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    std::fprintf(stderr, "[emulated CUDA] %s\n", line);
}

}  // namespace emu

// Sets a switch; a null or empty value brings its initial one back. Returns 0 where there is no such switch.
EMU_EXPORT int emu_set(const char* name, const char* value) {
    const emu::Lock lock;
    for (const emu::Row& row : emu::TABLE) {
        if (!std::strcmp(row.name, name)) {
            row.apply(emu::switches(), value && *value ? value : row.initial);
            return 1;
        }
    }
    emu::say("there is no switch %s", name);
    return 0;
}

// Eight numbers, in the order of emu::Counter.
EMU_EXPORT void emu_counters(int64_t* out) {
    for (int i = 0; i < emu::COUNTERS; i++) {
        out[i] = emu::counters[i];
    }
}

EMU_EXPORT void emu_reset_counters() {
    for (auto& counter : emu::counters) {
        counter = 0;
    }
}
