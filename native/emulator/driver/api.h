// What every file of the driver needs: NVIDIA's header without its renaming (JCuda links to the versioned names), the
// lock, and how a function is exported.
#pragma once

#define __CUDA_API_VERSION_INTERNAL 1
#include <cuda.h>

#include <mutex>

#define EMU_EXPORT extern "C" __attribute__((visibility("default")))
#define DRIVER_CALL EMU_EXPORT CUresult CUDAAPI

namespace emu {

// One call at a time. Recursive: a host function that a stream runs may call the driver.
std::recursive_mutex& driver_lock();

struct Lock {
    Lock() { driver_lock().lock(); }
    ~Lock() { driver_lock().unlock(); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
};

// Thrown inside the driver, returned by the call (see `guarded`).
struct Failure {
    CUresult result;
};

// Says the line and fails.
[[noreturn]] void fail(CUresult result, const char* format, ...) __attribute__((format(printf, 2, 3)));

// A driver call's body, under the lock; nothing thrown leaves it.
template <class Body>
CUresult guarded(Body body) {
    const Lock lock;
    try {
        body();
        return CUDA_SUCCESS;
    } catch (const Failure& failure) {
        return failure.result;
    } catch (const std::bad_alloc&) {
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
}

inline void require(bool holds, CUresult result) {
    if (!holds) {
        throw Failure{result};
    }
}

}  // namespace emu
