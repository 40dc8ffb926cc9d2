#include "device.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "state.h"

namespace emu {
namespace {

// CUDA C++ Programming Guide, "Technical Specifications per Compute Capability".
const Architecture TABLE[] = {
        {75, 1024, 16, 64 * 1024, 64 * 1024},   // older than the kernels
        {80, 2048, 32, 164 * 1024, 163 * 1024}, {86, 1536, 16, 100 * 1024, 99 * 1024},
        {89, 1536, 24, 100 * 1024, 99 * 1024},  {90, 2048, 32, 228 * 1024, 227 * 1024},
        {100, 2048, 32, 228 * 1024, 227 * 1024}, {120, 1536, 24, 100 * 1024, 99 * 1024},
};

int attribute(CUdevice_attribute which, int device) {
    const Architecture& arch = architecture(device);
    switch (which) {
        case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR: return arch.cc / 10;
        case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR: return arch.cc % 10;
        case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT: return MULTIPROCESSORS;
        case CU_DEVICE_ATTRIBUTE_WARP_SIZE: return 32;
        case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK: return 1024;
        case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X: return 1024;
        case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y: return 1024;
        case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z: return 64;
        case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X: return 2147483647;
        case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y: return 65535;
        case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z: return 65535;
        case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR: return arch.threads_per_multiprocessor;
        case CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR: return arch.blocks_per_multiprocessor;
        case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK: return SHARED_PER_BLOCK;
        case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN: return arch.shared_per_block_optin;
        case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR: return arch.shared_per_multiprocessor;
        case CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK: return 1024;
        case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK: return REGISTERS;
        case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR: return REGISTERS;
        case CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY: return 65536;
        case CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH: return 1;
        case CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS: return 1;
        case CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT: return 2;
        case CU_DEVICE_ATTRIBUTE_GPU_OVERLAP: return 1;
        case CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING: return 1;
        case CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY: return 1;
        case CU_DEVICE_ATTRIBUTE_STREAM_PRIORITIES_SUPPORTED: return 1;
        case CU_DEVICE_ATTRIBUTE_CLOCK_RATE: return 1000000;         // kHz
        case CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE: return 1000000;  // kHz
        case CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH: return 64;
        case CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE: return 4 << 20;
        case CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID: return device;
        default: return 0;
    }
}

}  // namespace

const Architecture& architecture(int device) {
    for (const Architecture& arch : TABLE) {
        if (arch.cc == switches().cc[device]) {
            return arch;
        }
    }
    fail(CUDA_ERROR_INVALID_DEVICE, "EMU_CC=%d is no architecture of this emulator (75, 80, 86, 89, 90, 100, 120)",
         switches().cc[device]);
}

}  // namespace emu

using namespace emu;

DRIVER_CALL cuDriverGetVersion(int* version) {
    return guarded([&] {
        require(version != nullptr, CUDA_ERROR_INVALID_VALUE);
        *version = switches().driver_version;
    });
}

DRIVER_CALL cuDeviceGetCount(int* number) {
    return guarded([&] {
        require(world().initialised, CUDA_ERROR_NOT_INITIALIZED);
        *number = std::min(switches().devices, 2);
    });
}

DRIVER_CALL cuDeviceGet(CUdevice* out, int ordinal) {
    return guarded([&] {
        check_device(ordinal);
        *out = ordinal;
    });
}

DRIVER_CALL cuDeviceGetName(char* name, int length, CUdevice device) {
    return guarded([&] {
        check_device(device);
        require(length > 0, CUDA_ERROR_INVALID_VALUE);
        std::snprintf(name, size_t(length), "Emulated CUDA device sm_%d (tests only)", architecture(device).cc);
    });
}

DRIVER_CALL cuDeviceGetUuid(CUuuid* uuid, CUdevice device) {
    return guarded([&] {
        check_device(device);
        std::memset(uuid, 0, sizeof *uuid);
        uuid->bytes[15] = char(device + 1);
    });
}

DRIVER_CALL cuDeviceGetPCIBusId(char* id, int length, CUdevice device) {
    return guarded([&] {
        check_device(device);
        std::snprintf(id, size_t(length), "0000:00:%02x.0", device);
    });
}

DRIVER_CALL cuDeviceTotalMem_v2(size_t* bytes, CUdevice device) {
    return guarded([&] {
        check_device(device);
        *bytes = switches().memory;
    });
}

DRIVER_CALL cuDeviceComputeCapability(int* major, int* minor, CUdevice device) {
    return guarded([&] {
        check_device(device);
        *major = architecture(device).cc / 10;
        *minor = architecture(device).cc % 10;
    });
}

DRIVER_CALL cuDeviceGetAttribute(int* value, CUdevice_attribute which, CUdevice device) {
    return guarded([&] {
        check_device(device);
        *value = attribute(which, device);
    });
}
