// Devices, recorders and dispatch levels.
#include <new>
#include <system_error>

#include "device.h"

namespace sp {
namespace portable {
extern const Kernels kernels;
}
#if defined(SP_HAVE_X86_LEVELS)
namespace avx2 {
extern const Kernels kernels;
}
namespace avx512 {
extern const Kernels kernels;
}
namespace avx512_bf16 {
extern const Kernels kernels;
}
#endif

}  // namespace sp

using namespace sp;

namespace {

int32_t best_level() {
#if defined(SP_HAVE_X86_LEVELS)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("fma")) {
        return __builtin_cpu_supports("avx512bf16") ? SP_LEVEL_AVX512_BF16 : SP_LEVEL_AVX512;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return SP_LEVEL_AVX2;
    }
#endif
    return SP_LEVEL_PORTABLE;
}

const Kernels& kernels_of(int32_t level) {
#if defined(SP_HAVE_X86_LEVELS)
    if (level == SP_LEVEL_AVX512_BF16) {
        return avx512_bf16::kernels;
    }
    if (level == SP_LEVEL_AVX512) {
        return avx512::kernels;
    }
    if (level == SP_LEVEL_AVX2) {
        return avx2::kernels;
    }
#endif
    (void)level;
    return portable::kernels;
}

}  // namespace

extern "C" {

int32_t sp_best_level(void) {
    return best_level();
}

int32_t sp_device_create(int32_t threads, int32_t level, sp_device** out) {
    if (threads < 1 || threads > 1024 || out == nullptr || level < SP_LEVEL_BEST || level > SP_LEVEL_AVX512_BF16) {
        return SP_INVALID_ARGUMENT;
    }
    if (level > best_level()) {
        return SP_UNSUPPORTED_LEVEL;
    }
    try {
        const int32_t chosen = level == SP_LEVEL_BEST ? best_level() : level;
        *out = new sp_device(threads, chosen, kernels_of(chosen));
    } catch (const std::bad_alloc&) {
        return SP_OUT_OF_MEMORY;
    } catch (const std::system_error&) {
        return SP_OUT_OF_MEMORY;  // no more threads
    }
    return SP_OK;
}

int32_t sp_device_destroy(sp_device* device) {
    delete device;
    return SP_OK;
}

int32_t sp_recorder_create(sp_device* device, sp_device** out) {
    try {
        *out = new sp_device(*device);
    } catch (const std::bad_alloc&) {
        return SP_OUT_OF_MEMORY;
    }
    return SP_OK;
}

int32_t sp_recorder_begin(sp_device* recorder, int64_t examples, const int32_t* done) {
    recorder->program->begin(examples, done);
    recorder->failure = SP_OK;
    return SP_OK;
}

int32_t sp_recorder_run(sp_device* recorder) {
    recorder->flush();
    return recorder->failure;
}

int32_t sp_device_level(const sp_device* device) {
    return device->level;
}

int32_t sp_fma_peak(sp_device* device, int64_t iterations, int64_t* flops) {
    float sums[1024];  // as many as there may be threads
    const int64_t threads = device->pool.threads();
    *flops = threads * device->kernels.fma_peak_flops(iterations);
    return device->run(device->kernels.fma_peak, FmaPeak{iterations, 0.999f, sums}, threads, *flops);
}

}  // extern "C"
