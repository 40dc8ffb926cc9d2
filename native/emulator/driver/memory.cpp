// Device memory is host memory: fresh bytes are 0xFF (NaN as floats), addresses are aligned to 256 bytes, and under ASan
// each allocation has its redzones. Every copy and fill is checked against the living allocations.
#include <cstdlib>
#include <cstring>

#include <unistd.h>

#include "state.h"

namespace emu {
namespace {

struct Range {
    CUdeviceptr base = 0;
    size_t bytes = 0;
    Context* context = nullptr;  // null for pinned host memory
};

// The allocation or pinned block that holds the address; `bytes` 0 where there is none.
Range find_range(CUdeviceptr address) {
    for (Context* context : world().contexts) {
        auto i = context->allocations.upper_bound(address);
        if (i != context->allocations.begin() && address < (--i)->first + i->second) {
            return {i->first, i->second, context};
        }
    }
    auto i = world().pinned.upper_bound(reinterpret_cast<void*>(address));
    if (i != world().pinned.begin()) {
        --i;
        const auto base = reinterpret_cast<CUdeviceptr>(i->first);
        if (address < base + i->second) {
            return {base, i->second, nullptr};
        }
    }
    return {};
}

bool is_pinned(const void* host, size_t bytes) {
    const auto address = reinterpret_cast<CUdeviceptr>(host);
    const Range range = find_range(address);
    return range.bytes && address - range.base + bytes <= range.bytes;
}

void check_range(const char* call, CUdeviceptr address, size_t bytes) {
    const Range range = find_range(address);
    if (!range.bytes && bytes) {
        fail(CUDA_ERROR_INVALID_VALUE, "%s: %#llx is in no allocation", call, address);
    }
    if (address - range.base + bytes > range.bytes) {
        fail(CUDA_ERROR_INVALID_VALUE, "%s: %zu bytes at offset %llu of an allocation of %zu", call, bytes,
             address - range.base, range.bytes);
    }
}

enum class Direction { TO_DEVICE, TO_HOST, ON_DEVICE };

// A copy as the real driver orders it: with pageable host memory the source is taken at once and a result is there when the
// call returns; with pinned memory both wait for the stream.
void copy(const char* call, Stream& stream, void* target, const void* source, size_t bytes, Direction direction,
          bool wait) {
    if (direction != Direction::TO_HOST) {
        check_range(call, reinterpret_cast<CUdeviceptr>(target), bytes);
    }
    if (direction != Direction::TO_DEVICE) {
        check_range(call, reinterpret_cast<CUdeviceptr>(source), bytes);
    }
    const bool capturing = stream.capture != nullptr;
    const int64_t up = direction == Direction::TO_DEVICE ? int64_t(bytes) : 0;
    const int64_t down = direction == Direction::TO_HOST ? int64_t(bytes) : 0;
    if (wait) {
        refuse_in_capture(call);
    }
    if (!capturing) {
        count(BYTES_TO_DEVICE, up);
        count(BYTES_TO_HOST, down);
        if (direction == Direction::TO_DEVICE && !is_pinned(source, bytes)) {
            auto staged = std::make_shared<std::vector<char>>(static_cast<const char*>(source),
                                                              static_cast<const char*>(source) + bytes);
            enqueue(stream, CU_GRAPH_NODE_TYPE_MEMCPY, [=] {
                std::memcpy(target, staged->data(), bytes);
                return CUDA_SUCCESS;
            });
            if (wait) {
                count(SYNCHRONISATIONS);
                run_all(stream);
            }
            return;
        }
        wait |= direction == Direction::TO_HOST && !is_pinned(target, bytes);
    }
    enqueue(
            stream, CU_GRAPH_NODE_TYPE_MEMCPY,
            [=] {
                std::memmove(target, source, bytes);
                return CUDA_SUCCESS;
            },
            up, down);
    if (wait) {
        count(SYNCHRONISATIONS);
        run_all(stream);
    }
}

void* pointer(CUdeviceptr address) {
    return reinterpret_cast<void*>(address);
}

template <class Value>
CUresult fill(const char* call, CUdeviceptr target, Value value, size_t length, CUstream handle) {
    return guarded([&] {
        current_context();
        Stream& stream = stream_of(handle);
        require(target % sizeof(Value) == 0, CUDA_ERROR_INVALID_VALUE);
        check_range(call, target, length * sizeof(Value));
        enqueue(stream, CU_GRAPH_NODE_TYPE_MEMSET, [=] {
            std::fill_n(static_cast<Value*>(pointer(target)), length, value);
            return CUDA_SUCCESS;
        });
    });
}

}  // namespace

void release_memory(Context& context) {
    size_t bytes = 0;
    for (const auto& allocation : context.allocations) {
        bytes += allocation.second;
        std::free(pointer(allocation.first));
    }
    const size_t number = context.allocations.size();
    context.allocations.clear();
    world().used[context.device] -= bytes;
    world().leaked += int64_t(number);
    if (number) {
        say("a context was destroyed with %zu live allocations, %zu bytes", number, bytes);
        if (switches().leaks_fatal) {
            _exit(86);
        }
    }
}

}  // namespace emu

using namespace emu;

// Allocations that are alive now, and those that were when their context was destroyed.
EMU_EXPORT int64_t emu_live_allocations() {
    const Lock lock;
    int64_t number = 0;
    for (const Context* context : world().contexts) {
        number += int64_t(context->allocations.size());
    }
    return number;
}
EMU_EXPORT int64_t emu_leaked_allocations() {
    const Lock lock;
    return world().leaked;
}

DRIVER_CALL cuMemGetInfo_v2(size_t* free_bytes, size_t* total) {
    return guarded([&] {
        const Context& context = current_context();
        const uint64_t used = world().used[context.device];
        *total = switches().memory;
        *free_bytes = used < *total ? *total - used : 0;
    });
}

DRIVER_CALL cuMemAlloc_v2(CUdeviceptr* out, size_t bytes) {
    return guarded([&] {
        Context& context = current_context();
        require(out && bytes, CUDA_ERROR_INVALID_VALUE);
        refuse_in_capture("cuMemAlloc");
        count(ALLOCATIONS);
        require(!is_due(switches().fail_allocation), CUDA_ERROR_OUT_OF_MEMORY);
        uint64_t& used = world().used[context.device];
        require(used <= switches().memory && bytes <= switches().memory - used, CUDA_ERROR_OUT_OF_MEMORY);
        void* memory = nullptr;
        require(posix_memalign(&memory, 256, bytes) == 0, CUDA_ERROR_OUT_OF_MEMORY);
        std::memset(memory, 0xff, bytes);
        used += bytes;
        *out = reinterpret_cast<CUdeviceptr>(memory);
        context.allocations[*out] = bytes;
    });
}

DRIVER_CALL cuMemFree_v2(CUdeviceptr address) {
    return guarded([&] {
        if (!address) {
            return;
        }
        Context* context = find_range(address).context;
        const auto found = context ? context->allocations.find(address) : decltype(context->allocations.find(address)){};
        if (!context || found == context->allocations.end()) {
            fail(CUDA_ERROR_INVALID_VALUE, "cuMemFree: %#llx is not the start of a live allocation", address);
        }
        if (context->sticky == CUDA_SUCCESS) {
            refuse_in_capture("cuMemFree");
            try {
                run_all(*context);  // work under way may use it
            } catch (const Failure&) {  // said below
            }
        }
        count(FREES);
        world().used[context->device] -= found->second;
        context->allocations.erase(found);
        std::free(pointer(address));
        require(context->sticky == CUDA_SUCCESS, context->sticky);
    });
}

DRIVER_CALL cuMemGetAddressRange_v2(CUdeviceptr* base, size_t* bytes, CUdeviceptr address) {
    return guarded([&] {
        current_context();
        const Range range = find_range(address);
        require(range.context != nullptr, CUDA_ERROR_NOT_FOUND);
        if (base) {
            *base = range.base;
        }
        if (bytes) {
            *bytes = range.bytes;
        }
    });
}

// ---- pinned host memory ----

DRIVER_CALL cuMemHostAlloc(void** out, size_t bytes, unsigned) {
    return guarded([&] {
        current_context();
        require(out && bytes, CUDA_ERROR_INVALID_VALUE);
        refuse_in_capture("cuMemHostAlloc");
        require(posix_memalign(out, 4096, bytes) == 0, CUDA_ERROR_OUT_OF_MEMORY);
        world().pinned[*out] = bytes;
    });
}

DRIVER_CALL cuMemAllocHost_v2(void** out, size_t bytes) {
    return cuMemHostAlloc(out, bytes, 0);
}

DRIVER_CALL cuMemFreeHost(void* memory) {
    return guarded([&] {
        if (!world().pinned.count(memory)) {
            fail(CUDA_ERROR_INVALID_VALUE, "cuMemFreeHost: %p was not allocated by cuMemHostAlloc", memory);
        }
        for (Context* context : world().contexts) {
            try {
                run_all(*context);
            } catch (const Failure&) {  // the context says so in its next call
            }
        }
        world().pinned.erase(memory);
        std::free(memory);
    });
}

DRIVER_CALL cuMemHostRegister_v2(void* memory, size_t bytes, unsigned) {
    return guarded([&] {
        current_context();
        require(memory && bytes, CUDA_ERROR_INVALID_VALUE);
        require(!is_pinned(memory, 1), CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED);
        world().pinned[memory] = bytes;
    });
}

DRIVER_CALL cuMemHostUnregister(void* memory) {
    return guarded([&] {
        require(world().pinned.count(memory), CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED);
        run_all(current_context());
        world().pinned.erase(memory);
    });
}

DRIVER_CALL cuMemHostGetDevicePointer_v2(CUdeviceptr* out, void* memory, unsigned) {
    return guarded([&] {
        require(is_pinned(memory, 1), CUDA_ERROR_INVALID_VALUE);
        *out = reinterpret_cast<CUdeviceptr>(memory);
    });
}

// ---- copies ----

namespace {

CUresult copy_call(const char* call, void* target, const void* source, size_t bytes, Direction direction, bool wait,
                   CUstream stream) {
    return guarded([&] {
        current_context();
        require((target && source) || !bytes, CUDA_ERROR_INVALID_VALUE);
        copy(call, stream_of(stream), target, source, bytes, direction, wait);
    });
}

}  // namespace

DRIVER_CALL cuMemcpyHtoD_v2(CUdeviceptr target, const void* source, size_t bytes) {
    return copy_call("cuMemcpyHtoD", pointer(target), source, bytes, Direction::TO_DEVICE, true, nullptr);
}
DRIVER_CALL cuMemcpyDtoH_v2(void* target, CUdeviceptr source, size_t bytes) {
    return copy_call("cuMemcpyDtoH", target, pointer(source), bytes, Direction::TO_HOST, true, nullptr);
}
DRIVER_CALL cuMemcpyDtoD_v2(CUdeviceptr target, CUdeviceptr source, size_t bytes) {
    return copy_call("cuMemcpyDtoD", pointer(target), pointer(source), bytes, Direction::ON_DEVICE, false, nullptr);
}
DRIVER_CALL cuMemcpyHtoDAsync_v2(CUdeviceptr target, const void* source, size_t bytes, CUstream stream) {
    return copy_call("cuMemcpyHtoDAsync", pointer(target), source, bytes, Direction::TO_DEVICE, false, stream);
}
DRIVER_CALL cuMemcpyDtoHAsync_v2(void* target, CUdeviceptr source, size_t bytes, CUstream stream) {
    return copy_call("cuMemcpyDtoHAsync", target, pointer(source), bytes, Direction::TO_HOST, false, stream);
}
DRIVER_CALL cuMemcpyDtoDAsync_v2(CUdeviceptr target, CUdeviceptr source, size_t bytes, CUstream stream) {
    return copy_call("cuMemcpyDtoDAsync", pointer(target), pointer(source), bytes, Direction::ON_DEVICE, false, stream);
}

DRIVER_CALL cuMemsetD8_v2(CUdeviceptr target, unsigned char value, size_t length) {
    return fill("cuMemsetD8", target, value, length, nullptr);
}
DRIVER_CALL cuMemsetD8Async(CUdeviceptr target, unsigned char value, size_t length, CUstream stream) {
    return fill("cuMemsetD8Async", target, value, length, stream);
}
DRIVER_CALL cuMemsetD16_v2(CUdeviceptr target, unsigned short value, size_t length) {
    return fill("cuMemsetD16", target, value, length, nullptr);
}
DRIVER_CALL cuMemsetD16Async(CUdeviceptr target, unsigned short value, size_t length, CUstream stream) {
    return fill("cuMemsetD16Async", target, value, length, stream);
}
DRIVER_CALL cuMemsetD32_v2(CUdeviceptr target, unsigned value, size_t length) {
    return fill("cuMemsetD32", target, value, length, nullptr);
}
DRIVER_CALL cuMemsetD32Async(CUdeviceptr target, unsigned value, size_t length, CUstream stream) {
    return fill("cuMemsetD32Async", target, value, length, stream);
}

// ---- pointer attributes ----

DRIVER_CALL cuPointerGetAttribute(void* out, CUpointer_attribute attribute, CUdeviceptr address) {
    return guarded([&] {
        const Range range = find_range(address);
        require(range.bytes != 0, CUDA_ERROR_INVALID_VALUE);
        const bool on_device = range.context != nullptr;
        switch (attribute) {
            case CU_POINTER_ATTRIBUTE_CONTEXT:
                *static_cast<void**>(out) = range.context;
                break;
            case CU_POINTER_ATTRIBUTE_MEMORY_TYPE:
                *static_cast<unsigned*>(out) = on_device ? CU_MEMORYTYPE_DEVICE : CU_MEMORYTYPE_HOST;
                break;
            case CU_POINTER_ATTRIBUTE_DEVICE_POINTER:
                *static_cast<CUdeviceptr*>(out) = address;
                break;
            case CU_POINTER_ATTRIBUTE_HOST_POINTER:
                require(!on_device, CUDA_ERROR_INVALID_VALUE);
                *static_cast<void**>(out) = pointer(address);
                break;
            case CU_POINTER_ATTRIBUTE_IS_MANAGED:
                *static_cast<unsigned*>(out) = 0;
                break;
            case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL:
                *static_cast<int*>(out) = on_device ? range.context->device : 0;
                break;
            case CU_POINTER_ATTRIBUTE_RANGE_START_ADDR:
                *static_cast<CUdeviceptr*>(out) = range.base;
                break;
            case CU_POINTER_ATTRIBUTE_RANGE_SIZE:
                *static_cast<size_t*>(out) = range.bytes;
                break;
            default:
                throw Failure{CUDA_ERROR_NOT_SUPPORTED};
        }
    });
}
