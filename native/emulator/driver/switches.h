// The EMU_* switches (README.md has the table) and the counters. Each switch starts from the environment and can be set
// while the program runs: emu_set("EMU_CC", "80").
#pragma once

#include <cstdint>

namespace emu {

struct Switches {
    int cc[2];                   // compute capability of device 0 and 1, as 86
    uint64_t memory;             // bytes of each device
    bool lazy;                   // stream work waits for a synchronisation
    int64_t fail_allocation;     // allocations until one fails; 0: none does
    int64_t fail_launch;         // kernel executions until one fails; 0: none does
    int devices;
    int driver_version;
    bool log;
    bool leaks_fatal;
};
Switches& switches();

enum Counter {
    KERNEL_LAUNCHES,  // direct ones
    GRAPH_LAUNCHES,
    KERNELS_EXECUTED,  // those of graphs too
    ALLOCATIONS,
    FREES,
    BYTES_TO_DEVICE,
    BYTES_TO_HOST,
    SYNCHRONISATIONS,  // of a stream, a context or an event, and copies that wait
    COUNTERS
};
void count(Counter counter, int64_t amount = 1);

// True for the k-th call since the switch was set to k.
bool is_due(int64_t& countdown);

// One line on stderr.
void say(const char* format, ...) __attribute__((format(printf, 1, 2)));

}  // namespace emu
