// Launches: checked against what the compiled kernel and the claimed architecture allow, then run by the host build.
#include <algorithm>
#include <cstring>
#include <thread>

#include <cuda_occupancy.h>

#include "device.h"
#include "state.h"

namespace emu {
namespace {

Function& function_of(CUfunction handle) {
    auto* function = reinterpret_cast<Function*>(handle);
    require(world().functions.count(function), CUDA_ERROR_INVALID_HANDLE);
    return *function;
}

int most_dynamic_shared(const Function& function) {
    return architecture(function.module->context->device).shared_per_block_optin - function.image.static_shared;
}

// Resident blocks on a multiprocessor, by NVIDIA's own arithmetic.
int resident_blocks(const Function& function, int block_threads, size_t dynamic_bytes) {
    const Architecture& arch = architecture(function.module->context->device);
    cudaOccDeviceProp device{};
    device.computeMajor = arch.cc / 10;
    device.computeMinor = arch.cc % 10;
    device.maxThreadsPerBlock = 1024;
    device.maxThreadsPerMultiprocessor = arch.threads_per_multiprocessor;
    device.regsPerBlock = device.regsPerMultiprocessor = REGISTERS;
    device.warpSize = 32;
    device.sharedMemPerBlock = SHARED_PER_BLOCK;
    device.sharedMemPerMultiprocessor = size_t(arch.shared_per_multiprocessor);
    device.sharedMemPerBlockOptin = size_t(arch.shared_per_block_optin);
    device.reservedSharedMemPerBlock = 1024;
    device.numSms = MULTIPROCESSORS;
    cudaOccFuncAttributes attributes{};
    attributes.maxThreadsPerBlock = function.image.max_threads;
    attributes.numRegs = function.image.registers;
    attributes.sharedSizeBytes = size_t(function.image.static_shared);
    attributes.maxDynamicSharedSizeBytes = size_t(function.dynamic_limit);
    attributes.shmemLimitConfig = FUNC_SHMEM_LIMIT_OPTIN;
    attributes.partitionedGCConfig = PARTITIONED_GC_OFF;
    attributes.numBlockBarriers = 1;
    const cudaOccDeviceState state{};
    cudaOccResult result{};
    const auto status = cudaOccMaxActiveBlocksPerMultiprocessor(&result, &device, &attributes, &state, block_threads,
                                                                dynamic_bytes);
    require(status == CUDA_OCC_SUCCESS, CUDA_ERROR_INVALID_VALUE);
    return result.activeBlocksPerMultiprocessor;
}

// The launch's own copy of the arguments: a graph runs it long after the call.
class Arguments {
public:
    Arguments(const Kernel& kernel, void* const* values) {
        size_t total = 0;
        for (unsigned i = 0; i < kernel.parameters; i++) {
            require(values && values[i], CUDA_ERROR_INVALID_VALUE);
            offsets_.push_back(total);
            total += (kernel.sizes[i] + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        }
        bytes_.resize(total / ALIGNMENT);
        for (unsigned i = 0; i < kernel.parameters; i++) {
            std::memcpy(at(i), values[i], kernel.sizes[i]);
        }
    }
    std::vector<void*> pointers() {
        std::vector<void*> all;
        for (size_t i = 0; i < offsets_.size(); i++) {
            all.push_back(at(i));
        }
        return all;
    }

private:
    static constexpr size_t ALIGNMENT = 16;
    struct alignas(ALIGNMENT) Cell {
        char byte[ALIGNMENT];
    };
    void* at(size_t i) { return reinterpret_cast<char*>(bytes_.data()) + offsets_[i]; }

    std::vector<size_t> offsets_;
    std::vector<Cell> bytes_;
};

CUresult count_and_run(const std::function<LaunchResult()>& run, const char* name) {
    count(KERNELS_EXECUTED);
    if (is_due(switches().fail_launch)) {
        say("kernel %s: made to fail by EMU_FAIL_LAUNCH", name);
        return CUDA_ERROR_LAUNCH_FAILED;
    }
    const LaunchResult result = run();
    if (!result.ok) {
        say("%s", result.message.c_str());
        return CUDA_ERROR_LAUNCH_FAILED;
    }
    return CUDA_SUCCESS;
}

void check_shape(const Function& function, Extent3 grid, Extent3 block, size_t dynamic_bytes) {
    const char* name = function.kernel->name;
    const ImageKernel& image = function.image;
    const size_t threads = block.volume();
    if (!grid.volume() || !threads || threads > 1024 || block.z > 64 || grid.x > 2147483647u || grid.y > 65535 ||
        grid.z > 65535) {
        fail(CUDA_ERROR_INVALID_VALUE, "%s: grid %u x %u x %u of blocks of %u x %u x %u", name, grid.x, grid.y, grid.z,
             block.x, block.y, block.z);
    }
    if (threads > size_t(image.max_threads)) {
        fail(CUDA_ERROR_INVALID_VALUE, "%s: %zu threads a block, compiled for at most %d", name, threads,
             image.max_threads);
    }
    if (dynamic_bytes > size_t(std::max(function.dynamic_limit, 0))) {
        fail(CUDA_ERROR_INVALID_VALUE, "%s: %zu bytes of dynamic shared memory, at most %d (cuFuncSetAttribute)", name,
             dynamic_bytes, function.dynamic_limit);
    }
    const size_t warps = (threads + 31) / 32;
    if (warps * 32 * size_t(image.registers) > REGISTERS) {
        fail(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "%s: %zu threads of %d registers", name, threads, image.registers);
    }
}

CUresult launch_call(CUfunction handle, Extent3 grid, Extent3 block, unsigned dynamic_bytes, CUstream stream_handle,
                     void** values, bool cooperative) {
    return guarded([&] {
        Stream& stream = stream_of(stream_handle);
        const Function& function = function_of(handle);
        require(function.module->context == stream.context, CUDA_ERROR_INVALID_HANDLE);
        check_shape(function, grid, block, dynamic_bytes);
        if (cooperative) {
            const int resident = resident_blocks(function, int(block.volume()), dynamic_bytes);
            require(grid.volume() <= size_t(resident) * MULTIPROCESSORS, CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE);
            if (grid.volume() > 1 && function.image.static_shared) {
                fail(CUDA_ERROR_NOT_SUPPORTED, "%s: blocks that run together share the emulator's static arrays",
                     function.kernel->name);
            }
        }
        const Kernel* kernel = function.kernel;
        auto arguments = std::make_shared<Arguments>(*kernel, values);
        if (!stream.capture) {
            count(KERNEL_LAUNCHES);
        }
        if (switches().log) {
            say("launch %s <<<%u x %u x %u, %u x %u x %u, %u>>>%s", kernel->name, grid.x, grid.y, grid.z, block.x,
                block.y, block.z, dynamic_bytes, stream.capture ? " (captured)" : "");
        }
        enqueue(stream, CU_GRAPH_NODE_TYPE_KERNEL, [=] {
            return count_and_run(
                    [&] {
                        return launch(*kernel, grid, block, dynamic_bytes, arguments->pointers().data(), cooperative);
                    },
                    kernel->name);
        });
    });
}

}  // namespace
}  // namespace emu

using namespace emu;

// For the emulated cuBLAS: a kernel that is a host function of its own copy of `data`.
EMU_EXPORT CUresult emu_enqueue(CUstream stream_handle, const char* name, void (*function)(const void*),
                                const void* data, size_t bytes) {
    return guarded([&] {
        Stream& stream = stream_of(stream_handle);
        auto copy = std::make_shared<std::vector<char>>(static_cast<const char*>(data),
                                                        static_cast<const char*>(data) + bytes);
        if (!stream.capture) {
            count(KERNEL_LAUNCHES);
        }
        enqueue(stream, CU_GRAPH_NODE_TYPE_KERNEL, [=] {
            return count_and_run(
                    [&] {
                        function(copy->data());
                        return LaunchResult{};
                    },
                    name);
        });
    });
}

DRIVER_CALL cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                           unsigned block_y, unsigned block_z, unsigned dynamic_bytes, CUstream stream, void** values,
                           void** extra) {
    return extra ? CUDA_ERROR_NOT_SUPPORTED
                 : launch_call(function, {grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, dynamic_bytes, stream,
                               values, false);
}

DRIVER_CALL cuLaunchCooperativeKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                                      unsigned block_x, unsigned block_y, unsigned block_z, unsigned dynamic_bytes,
                                      CUstream stream, void** values) {
    return launch_call(function, {grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, dynamic_bytes, stream, values,
                       true);
}

DRIVER_CALL cuFuncSetAttribute(CUfunction handle, CUfunction_attribute attribute, int value) {
    return guarded([&] {
        current_context();
        Function& function = function_of(handle);
        if (attribute == CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES) {
            if (value < 0 || value > most_dynamic_shared(function)) {
                fail(CUDA_ERROR_INVALID_VALUE, "%s: %d bytes of dynamic shared memory, sm_%d has %d",
                     function.kernel->name, value, architecture(function.module->context->device).cc,
                     most_dynamic_shared(function));
            }
            function.dynamic_limit = value;
        } else {
            require(attribute == CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT, CUDA_ERROR_INVALID_VALUE);
        }
    });
}

DRIVER_CALL cuFuncGetAttribute(int* value, CUfunction_attribute attribute, CUfunction handle) {
    return guarded([&] {
        const Function& function = function_of(handle);
        const int cc = architecture(function.module->context->device).cc;
        switch (attribute) {
            case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
                *value = function.image.max_threads;
                break;
            case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES:
                *value = function.image.static_shared;
                break;
            case CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES:
                *value = function.image.local_bytes;
                break;
            case CU_FUNC_ATTRIBUTE_NUM_REGS:
                *value = function.image.registers;
                break;
            case CU_FUNC_ATTRIBUTE_PTX_VERSION:
            case CU_FUNC_ATTRIBUTE_BINARY_VERSION:
                *value = cc;
                break;
            case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES:
                *value = function.dynamic_limit;
                break;
            default:
                *value = 0;
        }
    });
}

DRIVER_CALL cuFuncSetCacheConfig(CUfunction handle, CUfunc_cache) {
    return guarded([&] { function_of(handle); });
}

DRIVER_CALL cuFuncGetModule(CUmodule* out, CUfunction handle) {
    return guarded([&] { *out = reinterpret_cast<CUmodule>(function_of(handle).module); });
}

DRIVER_CALL cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, CUfunction handle, int threads, size_t dynamic) {
    return guarded([&] {
        current_context();
        *blocks = resident_blocks(function_of(handle), threads, dynamic);
    });
}

DRIVER_CALL cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, CUfunction handle, int threads,
                                                                 size_t dynamic, unsigned) {
    return cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks, handle, threads, dynamic);
}
