// What the sanitizers must be told about fibers and barriers; nothing in a plain build. EMU_TSAN marks the TSan build,
// in which the kernels alone are instrumented: the compiler says nothing about it while it compiles the runtime.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define EMU_ASAN 1
extern "C" {
void __sanitizer_start_switch_fiber(void** fake_stack, const void* bottom, size_t size);
void __sanitizer_finish_switch_fiber(void* fake_stack, const void** old_bottom, size_t* old_size);
void __asan_unpoison_memory_region(const volatile void* address, size_t size);
}
#endif

#if defined(EMU_TSAN)
extern "C" {
void* __tsan_get_current_fiber();
void* __tsan_create_fiber(unsigned flags);
void __tsan_switch_to_fiber(void* fiber, unsigned flags);  // flag 1: the switch orders nothing
void __tsan_acquire(void* address);
void __tsan_release(void* address);
}
namespace emu {
inline void happens_before(void* point) { __tsan_release(point); }
inline void happens_after(void* point) { __tsan_acquire(point); }
}  // namespace emu
#else
namespace emu {
inline void happens_before(void*) {}
inline void happens_after(void*) {}
}  // namespace emu
#endif
