// A stack of its own for each CUDA thread, and the switch between one and the scheduler. On x86-64 a switch is twenty
// instructions; elsewhere ucontext serves, ten times slower (each switch there is a system call).
#pragma once

#include <cstdlib>

#include <sys/mman.h>

#include "sanitizers.h"

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace emu {

#if defined(EMU_ASAN) || defined(EMU_TSAN)
constexpr size_t STACK_BYTES = 256 << 10;
#else
constexpr size_t STACK_BYTES = 64 << 10;
#endif
constexpr size_t GUARD_BYTES = 4096;  // the lowest page of a stack, which nobody may touch

#if defined(__x86_64__)
extern "C" void emu_switch(void** save, void* to);

struct Context {
    void* stack_pointer = nullptr;

    void prepare(char* stack, void (*entry)()) {
        void** top = reinterpret_cast<void**>(stack + STACK_BYTES);
        *--top = nullptr;  // entry's return address: it never returns
        *--top = reinterpret_cast<void*>(entry);
        for (int saved_register = 0; saved_register < 6; saved_register++) {
            *--top = nullptr;
        }
        stack_pointer = top;
    }
    static void swap(Context& from, Context& to) { emu_switch(&from.stack_pointer, to.stack_pointer); }
};
#else
struct Context {
    ucontext_t context;

    void prepare(char* stack, void (*entry)()) {
        getcontext(&context);
        context.uc_stack.ss_sp = stack;
        context.uc_stack.ss_size = STACK_BYTES;
        context.uc_link = nullptr;
        makecontext(&context, entry, 0);
    }
    static void swap(Context& from, Context& to) { swapcontext(&from.context, &to.context); }
};
#endif

// Stacks for as many threads as were ever alive at once.
class Stacks {
public:
    char* at(size_t index) const { return base_ + index * STACK_BYTES; }

    void reserve(size_t count) {
        if (count <= count_) {
            return;
        }
        if (base_) {
            munmap(base_, count_ * STACK_BYTES);
        }
        count_ = count;
        void* memory = mmap(nullptr, count * STACK_BYTES, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED) {
            std::abort();
        }
        base_ = static_cast<char*>(memory);
        for (size_t i = 0; i < count; i++) {
            mprotect(at(i), GUARD_BYTES, PROT_NONE);
        }
    }

private:
    char* base_ = nullptr;
    size_t count_ = 0;
};

}  // namespace emu
