// Kernel images: what the program hands to cuModuleLoadData. The machine code is not looked at; its tables say what the
// compiler knew of each kernel.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api.h"

namespace emu {

struct ImageKernel {
    std::vector<unsigned> parameter_sizes;
    int registers = 0;
    int static_shared = 0;
    int max_threads = 1024;
    int local_bytes = 0;  // stack frame of a thread
};

// The kernels of the image's binary for compute capability `cc`. Fails with CUDA_ERROR_INVALID_IMAGE,
// CUDA_ERROR_NO_BINARY_FOR_GPU or, for PTX, CUDA_ERROR_JIT_COMPILER_NOT_FOUND, and never reads memory that is not there.
std::map<std::string, ImageKernel> read_image(const void* image, int cc);

}  // namespace emu
