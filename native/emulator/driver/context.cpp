// Contexts: created, current, destroyed. A failed kernel spoils its context for good; another one works.
#include <cstdarg>
#include <cstdio>

#include "state.h"

namespace emu {

std::recursive_mutex& driver_lock() {
    static auto* lock = new std::recursive_mutex;  // outlives every static destructor
    return *lock;
}

World& world() {
    static auto* all = new World;
    return *all;
}

void fail(CUresult result, const char* format, ...) {
    char line[900];
    std::va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    say("%s", line);
    throw Failure{result};
}

std::vector<Context*>& context_stack() {
    static thread_local std::vector<Context*> stack;
    return stack;
}

Context* current_context_or_null() {
    return context_stack().empty() ? nullptr : context_stack().back();
}

Context& current_context() {
    require(world().initialised, CUDA_ERROR_NOT_INITIALIZED);
    Context* context = current_context_or_null();
    require(context != nullptr, CUDA_ERROR_INVALID_CONTEXT);
    require(world().contexts.count(context), CUDA_ERROR_CONTEXT_IS_DESTROYED);
    require(context->sticky == CUDA_SUCCESS, context->sticky);
    return *context;
}

void check_device(int device) {
    require(world().initialised, CUDA_ERROR_NOT_INITIALIZED);
    require(device >= 0 && device < switches().devices && device < 2, CUDA_ERROR_INVALID_DEVICE);
}

namespace {

Context* create(int device, bool primary) {
    auto* context = new Context{};
    context->device = device;
    context->primary = primary;
    context->id = world().next_id++;
    context->legacy = {context, 0, 0, 0, {}, nullptr, {}};
    world().contexts.insert(context);
    return context;
}

template <class T>
void destroy_all(std::set<T*>& objects, Context* context) {
    for (auto i = objects.begin(); i != objects.end();) {
        if ((*i)->context == context) {
            delete *i;
            i = objects.erase(i);
        } else {
            ++i;
        }
    }
}

void destroy(Context* context) {
    World& w = world();
    try {
        run_all(*context);
    } catch (const Failure&) {  // its work had failed; it goes all the same
    }
    release_memory(*context);
    destroy_all(w.streams, context);
    destroy_all(w.events, context);
    destroy_all(w.executables, context);
    for (auto i = w.modules.begin(); i != w.modules.end();) {
        if ((*i)->context == context) {
            for (auto& function : (*i)->functions) {
                w.functions.erase(function.second.get());
            }
            delete *i;
            i = w.modules.erase(i);
        } else {
            ++i;
        }
    }
    w.contexts.erase(context);
    auto& stack = context_stack();
    if (!stack.empty() && stack.back() == context) {
        stack.pop_back();
    }
    delete context;
}

Context* known(CUcontext handle) {
    auto* context = reinterpret_cast<Context*>(handle);
    require(world().contexts.count(context), CUDA_ERROR_INVALID_CONTEXT);
    return context;
}

}  // namespace
}  // namespace emu

using namespace emu;

DRIVER_CALL cuInit(unsigned flags) {
    return guarded([&] {
        require(flags == 0, CUDA_ERROR_INVALID_VALUE);
        require(switches().devices > 0, CUDA_ERROR_NO_DEVICE);
        world().initialised = true;
    });
}

DRIVER_CALL cuCtxCreate_v2(CUcontext* out, unsigned, CUdevice device) {
    return guarded([&] {
        check_device(device);
        require(out != nullptr, CUDA_ERROR_INVALID_VALUE);
        Context* context = create(device, false);
        context_stack().push_back(context);
        *out = reinterpret_cast<CUcontext>(context);
    });
}

DRIVER_CALL cuCtxDestroy_v2(CUcontext handle) {
    return guarded([&] {
        Context* context = known(handle);
        require(!context->primary, CUDA_ERROR_INVALID_CONTEXT);
        destroy(context);
    });
}

DRIVER_CALL cuCtxSetCurrent(CUcontext handle) {
    return guarded([&] {
        auto& stack = context_stack();
        Context* context = handle ? known(handle) : nullptr;
        if (!stack.empty()) {
            stack.pop_back();
        }
        if (context) {
            stack.push_back(context);
        }
    });
}

DRIVER_CALL cuCtxPushCurrent_v2(CUcontext handle) {
    return guarded([&] { context_stack().push_back(known(handle)); });
}

DRIVER_CALL cuCtxPopCurrent_v2(CUcontext* out) {
    return guarded([&] {
        require(!context_stack().empty(), CUDA_ERROR_INVALID_CONTEXT);
        if (out) {
            *out = reinterpret_cast<CUcontext>(context_stack().back());
        }
        context_stack().pop_back();
    });
}

DRIVER_CALL cuCtxGetCurrent(CUcontext* out) {
    return guarded([&] { *out = reinterpret_cast<CUcontext>(current_context_or_null()); });
}

DRIVER_CALL cuCtxGetDevice(CUdevice* out) {
    return guarded([&] { *out = current_context().device; });
}

DRIVER_CALL cuCtxGetId(CUcontext handle, unsigned long long* out) {
    return guarded([&] { *out = (handle ? *known(handle) : current_context()).id; });
}

DRIVER_CALL cuCtxGetApiVersion(CUcontext handle, unsigned* out) {
    return guarded([&] {
        if (handle) {
            known(handle);
        }
        *out = 3020;
    });
}

DRIVER_CALL cuCtxGetFlags(unsigned* out) {
    return guarded([&] {
        current_context();
        *out = 0;
    });
}

DRIVER_CALL cuCtxSetCacheConfig(CUfunc_cache) {
    return guarded([] { current_context(); });
}

DRIVER_CALL cuCtxGetStreamPriorityRange(int* least, int* greatest) {
    return guarded([&] {
        current_context();
        if (least) {
            *least = 0;
        }
        if (greatest) {
            *greatest = -5;
        }
    });
}

DRIVER_CALL cuCtxSynchronize() {
    return guarded([] {
        Context& context = current_context();
        count(SYNCHRONISATIONS);
        refuse_any_capture(context, "cuCtxSynchronize");
        run_all(context);
    });
}

DRIVER_CALL cuDevicePrimaryCtxRetain(CUcontext* out, CUdevice device) {
    return guarded([&] {
        check_device(device);
        World& w = world();
        if (!w.primary[device]) {
            w.primary[device] = create(device, true);
        }
        w.primary_users[device]++;
        *out = reinterpret_cast<CUcontext>(w.primary[device]);
    });
}

DRIVER_CALL cuDevicePrimaryCtxReset_v2(CUdevice device) {
    return guarded([&] {
        check_device(device);
        if (Context* context = world().primary[device]) {
            world().primary[device] = nullptr;
            world().primary_users[device] = 0;
            destroy(context);
        }
    });
}

DRIVER_CALL cuDevicePrimaryCtxRelease_v2(CUdevice device) {
    return guarded([&] {
        check_device(device);
        require(world().primary_users[device] > 0, CUDA_ERROR_INVALID_CONTEXT);
        if (--world().primary_users[device] == 0) {
            Context* context = world().primary[device];
            world().primary[device] = nullptr;
            destroy(context);
        }
    });
}

DRIVER_CALL cuDevicePrimaryCtxGetState(CUdevice device, unsigned* flags, int* active) {
    return guarded([&] {
        check_device(device);
        *flags = 0;
        *active = world().primary[device] != nullptr;
    });
}

DRIVER_CALL cuDevicePrimaryCtxSetFlags_v2(CUdevice device, unsigned) {
    return guarded([&] { check_device(device); });
}
