// Modules and functions. The image tells what nvcc compiled; the kernel of the same name in this library runs. Where the
// two disagree about parameters, one of them is stale, and the module is refused.
#include <algorithm>
#include <cstdio>

#include "device.h"
#include "state.h"

namespace emu {
namespace {

std::string list(const unsigned* sizes, size_t number) {
    std::string text;
    for (size_t i = 0; i < number; i++) {
        text += (i ? "," : "") + std::to_string(sizes[i]);
    }
    return "(" + text + ")";
}

void check_signature(const std::string& name, const ImageKernel& image, const Kernel& host) {
    const auto& sizes = image.parameter_sizes;
    if (sizes.size() != host.parameters || !std::equal(sizes.begin(), sizes.end(), host.sizes)) {
        fail(CUDA_ERROR_INVALID_IMAGE, "cuModuleLoadData: %s: the image has parameters of %s bytes, its host build %s",
             name.c_str(), list(sizes.data(), sizes.size()).c_str(), list(host.sizes, host.parameters).c_str());
    }
}

void check_limits(const std::string& name, const ImageKernel& image) {
    if (image.static_shared > SHARED_PER_BLOCK) {
        fail(CUDA_ERROR_INVALID_IMAGE, "cuModuleLoadData: %s: %d bytes of static shared memory, at most %d",
             name.c_str(), image.static_shared, SHARED_PER_BLOCK);
    }
    if (image.registers < 0 || image.registers > 255) {
        fail(CUDA_ERROR_INVALID_IMAGE, "cuModuleLoadData: %s: %d registers", name.c_str(), image.registers);
    }
}

Module& module_of(CUmodule handle) {
    auto* module = reinterpret_cast<Module*>(handle);
    require(world().modules.count(module), CUDA_ERROR_INVALID_HANDLE);
    return *module;
}

}  // namespace
}  // namespace emu

using namespace emu;

DRIVER_CALL cuModuleLoadData(CUmodule* out, const void* bytes) {
    return guarded([&] {
        Context& context = current_context();
        refuse_in_capture("cuModuleLoadData");
        auto module = std::make_unique<Module>();
        module->context = &context;
        for (const auto& [name, image] : read_image(bytes, architecture(context.device).cc)) {
            check_limits(name, image);
            const Kernel* host = find_kernel(name.c_str());
            if (host) {
                check_signature(name, image, *host);
            } else {
                say("kernel %s is in the image and has no host build", name.c_str());
            }
            if (switches().log) {
                say("kernel %s: %d registers, %d bytes of static shared memory, at most %d threads", name.c_str(),
                    image.registers, image.static_shared, image.max_threads);
            }
            const int dynamic = SHARED_PER_BLOCK - image.static_shared;
            module->functions[name] = std::make_unique<Function>(Function{module.get(), host, image, dynamic});
        }
        for (const auto& function : module->functions) {
            world().functions.insert(function.second.get());
        }
        world().modules.insert(module.get());
        *out = reinterpret_cast<CUmodule>(module.release());
    });
}

DRIVER_CALL cuModuleLoadDataEx(CUmodule* out, const void* bytes, unsigned, CUjit_option*, void**) {
    return cuModuleLoadData(out, bytes);
}
DRIVER_CALL cuModuleLoadFatBinary(CUmodule* out, const void* bytes) {
    return cuModuleLoadData(out, bytes);
}

DRIVER_CALL cuModuleLoad(CUmodule* out, const char* path) {
    std::vector<char> bytes;
    std::FILE* file = std::fopen(path, "rb");
    if (!file) {
        return CUDA_ERROR_FILE_NOT_FOUND;
    }
    char part[65536];
    for (size_t got; (got = std::fread(part, 1, sizeof part, file)) > 0;) {
        bytes.insert(bytes.end(), part, part + got);
    }
    std::fclose(file);
    bytes.resize(bytes.size() + 64);
    return cuModuleLoadData(out, bytes.data());
}

DRIVER_CALL cuModuleUnload(CUmodule handle) {
    return guarded([&] {
        Module& module = module_of(handle);
        const CUresult result = guarded([&] { run_all(*module.context); });
        for (auto& function : module.functions) {
            world().functions.erase(function.second.get());
        }
        world().modules.erase(&module);
        delete &module;
        require(result == CUDA_SUCCESS, result);
    });
}

DRIVER_CALL cuModuleGetFunction(CUfunction* out, CUmodule handle, const char* name) {
    return guarded([&] {
        current_context();
        Module& module = module_of(handle);
        const auto found = module.functions.find(name);
        require(found != module.functions.end() && found->second->kernel, CUDA_ERROR_NOT_FOUND);
        *out = reinterpret_cast<CUfunction>(found->second.get());
    });
}
