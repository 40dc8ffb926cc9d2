// The runtime under the emulated device language: it runs a kernel's blocks one by one, each CUDA thread a fiber, and
// knows at every barrier who is missing. Plain C++: cuda_emulation.h puts the CUDA names on top of it for the kernels;
// the emulated driver and the C++ tests start kernels through launch().
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace emu {

struct Index3 {
    unsigned x, y, z;
};

struct Extent3 {
    unsigned x = 1, y = 1, z = 1;
    size_t volume() const { return size_t(x) * y * z; }
};

// ---- kernels: each registers itself when the program starts (KERNEL_EXPORT) ----

struct Kernel {
    const char* name;
    void (*invoke)(void* const* arguments);  // unpacks the arguments by type and runs one thread
    unsigned parameters;
    const unsigned* sizes;  // of the parameters, in bytes
};

void register_kernel(const Kernel& kernel);
const Kernel* find_kernel(const char* name);  // null where there is none

template <auto function>
struct Trampoline;

template <class... Types, void (*function)(Types...)>
struct Trampoline<function> {
    static constexpr unsigned count = sizeof...(Types);
    static constexpr unsigned sizes[count + 1] = {sizeof(Types)..., 0};

    template <size_t... i>
    static void call(void* const* arguments, std::index_sequence<i...>) {
        (void)arguments;  // of a kernel without parameters
        function(*static_cast<Types*>(arguments[i])...);
    }
    static void invoke(void* const* arguments) { call(arguments, std::index_sequence_for<Types...>{}); }
};

template <auto function>
struct Registration {
    explicit Registration(const char* name) {
        using Entry = Trampoline<function>;
        register_kernel({name, &Entry::invoke, Entry::count, Entry::sizes});
    }
};

// ---- launches ----

struct Options {
    bool reverse;      // threads and blocks from the last to the first
    unsigned workers;  // blocks at a time; more than one only in builds with EMU_PARALLEL
};
Options& options();  // starts from EMU_ORDER and EMU_WORKERS

struct LaunchResult {
    bool ok = true;
    std::string message;  // what went wrong, with the kernel's name
};

// Runs the whole grid before it returns. A cooperative launch has all blocks alive at once.
LaunchResult launch(const Kernel& kernel, Extent3 grid, Extent3 block, size_t dynamic_shared_bytes,
                    void* const* arguments, bool cooperative = false);

// ---- what a running thread sees and calls ----

struct Geometry {
    Extent3 grid, block;
};

struct Thread {
    Index3 index, block;
    const Geometry* geometry;
    void* dynamic_shared;
    unsigned lane;
    unsigned collectives;  // full-warp exchanges so far: its parity picks the warp's exchange buffer
};

// No static storage: the shared arrays are thread-local too, more than dlopen could find room for there.
extern __thread Thread* current;

constexpr unsigned FULL_WARP = 0xffffffffu;
constexpr unsigned SLOT_BYTES = 32;  // the most that a lane hands to its warp

struct Site {
    const char* file;
    int line;
};

// __syncthreads, and the number of threads that came with a true predicate.
int block_barrier(bool predicate, Site site);
uint32_t warp_barrier(uint32_t mask, Site site);  // the lanes that took part: those of the mask that have not returned
unsigned char* warp_slots(unsigned buffer);  // 32 slots; buffers 0 and 1 for the full warp, 2 for part of it
void yield();                                // lets the other threads go first
[[noreturn]] void trap(const std::string& message);

struct Copy {
    void* shared;
    const void* global;
    unsigned bytes;
};
void queue_copy(const Copy& copy);
void commit_copies();
// The copies of all but the youngest `pending` groups, for the caller to make now; valid until the next call.
std::pair<const Copy*, size_t> due_copies(unsigned pending);

}  // namespace emu
