// Starts a kernel from a C++ test, with device memory that notices what a kernel must not do: fresh memory is NaN, and a
// store before the first or past the last element is found after the launch (ASan builds find it at once, and reads too).
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "runtime.h"

namespace test {

[[noreturn]] inline void stop(const std::string& message) {
    std::fprintf(stderr, "%s\n", message.c_str());
    std::exit(2);
}

class Guarded {
public:
    virtual bool intact() const = 0;

protected:
    virtual ~Guarded() = default;
};

inline std::set<const Guarded*>& live_arrays() {
    static std::set<const Guarded*> arrays;
    return arrays;
}

// `length` elements of device memory, 256-byte aligned and then shifted by `offset` elements (a slice of a flat array).
template <class T>
class Array : public Guarded {
public:
    explicit Array(size_t length, size_t offset = 0) : length_(length), offset_(offset) {
        // A zone before, exactly the elements, and, but for ASan's own, a zone behind.
        void* memory = nullptr;
        bytes_ = ZONE + (offset + length) * sizeof(T) + BEHIND;
        if (posix_memalign(&memory, 256, bytes_) != 0) {
            stop("out of memory");
        }
        memory_ = static_cast<unsigned char*>(memory);
        std::memset(memory_, 0xff, bytes_);
        std::memset(memory_, MARK, before());
        std::memset(memory_ + before() + length * sizeof(T), MARK, BEHIND);
        live_arrays().insert(this);
    }
    explicit Array(const std::vector<T>& values, size_t offset = 0) : Array(values.size(), offset) {
        std::copy(values.begin(), values.end(), data());
    }
    Array(const Array&) = delete;
    Array& operator=(const Array&) = delete;
    ~Array() override {
        live_arrays().erase(this);
        std::free(memory_);
    }

    T* data() { return reinterpret_cast<T*>(memory_ + before()); }
    const T* data() const { return reinterpret_cast<const T*>(memory_ + before()); }
    size_t size() const { return length_; }
    T& operator[](size_t i) { return data()[i]; }
    const T& operator[](size_t i) const { return data()[i]; }
    std::vector<T> values() const { return std::vector<T>(data(), data() + length_); }

    bool intact() const override {
        const size_t end = before() + length_ * sizeof(T);
        for (size_t i = 0; i < bytes_; i++) {
            if ((i < before() || i >= end) && memory_[i] != MARK) {
                return false;
            }
        }
        return true;
    }

private:
    static constexpr size_t ZONE = 256;
#if defined(__SANITIZE_ADDRESS__)
    static constexpr size_t BEHIND = 0;
#else
    static constexpr size_t BEHIND = 1024;
#endif
    static constexpr unsigned char MARK = 0xa5;

    size_t before() const { return ZONE + offset_ * sizeof(T); }

    unsigned char* memory_;
    size_t bytes_, length_, offset_;
};

template <class T>
T* argument(Array<T>& array) {
    return array.data();
}
template <class T>
T argument(const T& value) {
    static_assert(std::is_trivially_copyable<T>::value, "pass values, pointers and Arrays");
    return value;
}

// Runs the kernel and returns the runtime's complaint, or nothing. Argument types must be the kernel's own in size
// (pass a long long as 5LL, a null pointer as nullptr).
template <class... Arguments>
std::string try_launch(const char* name, emu::Extent3 grid, emu::Extent3 block, size_t shared_bytes,
                       Arguments&&... arguments) {
    const emu::Kernel* kernel = emu::find_kernel(name);
    if (!kernel) {
        stop(std::string("no kernel ") + name + " in this program");
    }
    if (kernel->parameters != sizeof...(Arguments)) {
        stop(std::string(name) + " takes " + std::to_string(kernel->parameters) + " arguments, the test passes " +
             std::to_string(sizeof...(Arguments)));
    }
    return [&](auto... values) {
        void* pointers[] = {&values..., nullptr};
        const size_t sizes[] = {sizeof values..., 0};
        for (unsigned i = 0; i < kernel->parameters; i++) {
            if (sizes[i] != kernel->sizes[i]) {
                stop(std::string(name) + ": argument " + std::to_string(i) + " has " + std::to_string(sizes[i]) +
                     " bytes, the kernel's has " + std::to_string(kernel->sizes[i]));
            }
        }
        const emu::LaunchResult result = emu::launch(*kernel, grid, block, shared_bytes, pointers);
        if (!result.ok) {
            return result.message;
        }
        for (const Guarded* array : live_arrays()) {
            if (!array->intact()) {
                return std::string("kernel ") + name + ": stored outside an array";
            }
        }
        return std::string();
    }(argument(arguments)...);
}

// The same for a kernel that must succeed.
template <class... Arguments>
void launch(const char* name, emu::Extent3 grid, emu::Extent3 block, size_t shared_bytes, Arguments&&... arguments) {
    const std::string error = try_launch(name, grid, block, shared_bytes, std::forward<Arguments>(arguments)...);
    if (!error.empty()) {
        stop(error);
    }
}

}  // namespace test
