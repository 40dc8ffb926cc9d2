// The device language for the host compiler: what a kernel under kernels/ may use, on top of runtime.h. Included by
// kernels/prelude.cuh alone; its macros (threadIdx, __shared__, ...) would collide with ordinary C++ code.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "runtime.h"

// ---- declarations ----

#define KERNEL(max_threads) extern "C" void
#define KERNEL_EXPORT(name) static const emu::Registration<&name> emu_registration_##name(#name);
#define DEVICE inline  // not forced: that multiplies compile time, under ASan fivefold, and kernels run no faster
#define DYN_SHARED(type, name) type* name = static_cast<type*>(::emu::current->dynamic_shared)

// A block's static shared arrays. Sanitizers put redzones around plain statics alone, so with them one block runs at a
// time; EMU_PARALLEL gives each worker its own.
#if defined(EMU_PARALLEL)
#define __shared__ static thread_local
#else
#define __shared__ static
#endif
#define __global__
#define __device__
#define __host__
#define __constant__ static const
#define __forceinline__ inline __attribute__((always_inline))
#define __align__(bytes) alignas(bytes)

#define threadIdx (::emu::current->index)
#define blockIdx (::emu::current->block)
#define blockDim (::emu::current->geometry->block)
#define gridDim (::emu::current->geometry->grid)

// ---- vector types ----

struct alignas(8) float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(8) int2 { int x, y; };
struct alignas(16) int4 { int x, y, z, w; };
struct alignas(8) uint2 { unsigned x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
struct alignas(16) double2 { double x, y; };
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline int2 make_int2(int x, int y) { return {x, y}; }
inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
inline double2 make_double2(double x, double y) { return {x, y}; }

// ---- arithmetic ----

using std::max;
using std::min;

template <class To, class From>
inline To emu_bits(From from) {
    static_assert(sizeof(To) == sizeof(From), "same size");
    To to;
    std::memcpy(&to, &from, sizeof to);
    return to;
}
inline unsigned __float_as_uint(float x) { return emu_bits<unsigned>(x); }
inline float __uint_as_float(unsigned x) { return emu_bits<float>(x); }
inline int __float_as_int(float x) { return emu_bits<int>(x); }
inline float __int_as_float(int x) { return emu_bits<float>(x); }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fsqrt_rn(float a) { return std::sqrt(a); }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __dadd_rn(double a, double b) { return a + b; }
inline unsigned __umulhi(unsigned a, unsigned b) { return unsigned(uint64_t(a) * b >> 32); }
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __clz(int x) { return x ? __builtin_clz(unsigned(x)) : 32; }
template <class T>
inline T __ldg(const T* address) {
    return *address;
}

// ---- barriers, votes, shuffles ----

#define EMU_SITE const char *file = __builtin_FILE(), int line = __builtin_LINE()

inline void __syncthreads(EMU_SITE) { emu::block_barrier(false, {file, line}); }
inline int __syncthreads_count(int predicate, EMU_SITE) { return emu::block_barrier(predicate, {file, line}); }
inline int __syncthreads_or(int predicate, EMU_SITE) { return emu::block_barrier(predicate, {file, line}) != 0; }
inline int __syncthreads_and(int predicate, EMU_SITE) { return emu::block_barrier(!predicate, {file, line}) == 0; }
inline void __syncwarp(unsigned mask = emu::FULL_WARP, EMU_SITE) { emu::warp_barrier(mask, {file, line}); }
inline void __threadfence() {}
inline void __threadfence_block() {}
inline void __nanosleep(unsigned) { emu::yield(); }
inline void __trap() { emu::trap("__trap"); }

namespace emu {

// Every lane of the mask hands in a value; `read` then sees all slots, and which lanes took part: those that have
// returned did not.
template <class T, class Read>
inline auto collective(uint32_t mask, const T& value, Site site, Read read) {
    static_assert(sizeof(T) <= SLOT_BYTES, "the value does not fit a slot");
    const bool full = mask == FULL_WARP;
    // Two buffers in turn: who writes a buffer again has met every lane at the barrier in between. Part of a warp has
    // one, and meets once more before it is free.
    unsigned char* slots = warp_slots(full ? current->collectives++ & 1 : 2);
    std::memcpy(slots + current->lane * SLOT_BYTES, &value, sizeof value);
    const uint32_t present = warp_barrier(mask, site);
    auto result = read(static_cast<const unsigned char*>(slots), present);
    if (!full) {
        warp_barrier(mask, site);
    }
    return result;
}

// What that lane handed in; 0xFF bytes from one that has returned.
template <class T>
inline T slot(const unsigned char* slots, uint32_t present, unsigned lane) {
    T value;
    if (present >> lane & 1) {
        std::memcpy(&value, slots + lane * SLOT_BYTES, sizeof value);
    } else {
        std::memset(&value, 0xff, sizeof value);
    }
    return value;
}

template <class T>
inline T exchange(uint32_t mask, T value, unsigned source, Site site) {
    return collective(mask, value, site, [&](const unsigned char* slots, uint32_t present) {
        if (!(mask >> source & 1)) {
            trap("a shuffle reads a lane that is not in its mask");
        }
        return slot<T>(slots, present, source);
    });
}

}  // namespace emu

template <class T>
inline T __shfl_sync(unsigned mask, T value, int source, int width = 32, EMU_SITE) {
    const unsigned segment = emu::current->lane & ~unsigned(width - 1);
    return emu::exchange(mask, value, segment | (unsigned(source) & unsigned(width - 1)), {file, line});
}
template <class T>
inline T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32, EMU_SITE) {
    const unsigned lane = emu::current->lane, source = lane ^ unsigned(lanes);
    const bool inside = source / unsigned(width) <= lane / unsigned(width);
    return emu::exchange(mask, value, inside ? source : lane, {file, line});
}
template <class T>
inline T __shfl_down_sync(unsigned mask, T value, unsigned lanes, int width = 32, EMU_SITE) {
    const unsigned lane = emu::current->lane, w = unsigned(width);
    return emu::exchange(mask, value, lane % w + lanes < w ? lane + lanes : lane, {file, line});
}
template <class T>
inline T __shfl_up_sync(unsigned mask, T value, unsigned lanes, int width = 32, EMU_SITE) {
    const unsigned lane = emu::current->lane;
    return emu::exchange(mask, value, lane % unsigned(width) >= lanes ? lane - lanes : lane, {file, line});
}
inline unsigned __ballot_sync(unsigned mask, int predicate, EMU_SITE) {
    return emu::collective(mask, uint32_t(predicate != 0), {file, line}, [&](const unsigned char* slots, uint32_t present) {
        uint32_t votes = 0;
        for (uint32_t lanes = present; lanes; lanes &= lanes - 1) {
            const unsigned lane = unsigned(__builtin_ctz(lanes));
            votes |= emu::slot<uint32_t>(slots, present, lane) << lane;
        }
        return votes;
    });
}
inline int __any_sync(unsigned mask, int predicate, EMU_SITE) { return __ballot_sync(mask, predicate, file, line) != 0; }
inline int __all_sync(unsigned mask, int predicate, EMU_SITE) {
    return __ballot_sync(mask, !predicate, file, line) == 0;
}

// ---- integer atomics; they order memory, so that the usual fence-and-ticket code is no race to TSan ----

#define EMU_ATOMIC(name, builtin)                                                      \
    template <class T, class V>                                                        \
    inline T name(T* address, V value) {                                               \
        static_assert(std::is_integral<T>::value, "no floating-point atomics");        \
        return builtin(address, static_cast<T>(value), __ATOMIC_ACQ_REL);              \
    }
EMU_ATOMIC(atomicAdd, __atomic_fetch_add)
EMU_ATOMIC(atomicSub, __atomic_fetch_sub)
EMU_ATOMIC(atomicAnd, __atomic_fetch_and)
EMU_ATOMIC(atomicOr, __atomic_fetch_or)
EMU_ATOMIC(atomicExch, __atomic_exchange_n)
#undef EMU_ATOMIC

template <class T>
inline T atomicCAS(T* address, T expected, T desired) {
    __atomic_compare_exchange_n(address, &expected, desired, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
    return expected;
}
template <class T, class V>
inline T atomicMax(T* address, V value) {
    T old = __atomic_load_n(address, __ATOMIC_RELAXED);
    while (old < static_cast<T>(value)) {
        const T seen = atomicCAS(address, old, static_cast<T>(value));
        if (seen == old) {
            break;
        }
        old = seen;
    }
    return old;
}
template <class T, class V>
inline T atomicMin(T* address, V value) {
    T old = __atomic_load_n(address, __ATOMIC_RELAXED);
    while (static_cast<T>(value) < old) {
        const T seen = atomicCAS(address, old, static_cast<T>(value));
        if (seen == old) {
            break;
        }
        old = seen;
    }
    return old;
}

// ---- operands of tensor-core products ----

inline uint32_t to_tf32(float x) {
    return x != x ? 0x7fffffffu : (__float_as_uint(x) + 0x1000u) & 0xffffe000u;
}

inline uint32_t emu_bf16(float x) {
    const uint32_t bits = __float_as_uint(x);
    return x != x ? 0x7fffu : (bits + 0x7fffu + (bits >> 16 & 1)) >> 16;
}
inline uint32_t pack_bf16(float low, float high) { return emu_bf16(high) << 16 | emu_bf16(low); }

namespace emu {

struct Fragment {
    uint32_t a[4], b[2];
};

// This lane's four elements of d += a b; `element(fragment words, k)` decodes one operand. Products of tf32 or bf16 operands
// are exact in float32; the sum goes in ascending k, which a GPU does not promise.
template <int inner, class A, class B>
inline void mma(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], Site site, A a_at, B b_at) {
    Fragment mine;
    std::memcpy(mine.a, a, sizeof mine.a);
    std::memcpy(mine.b, b, sizeof mine.b);
    collective(FULL_WARP, mine, site, [&](const unsigned char* slots, uint32_t present) {
        if (present != FULL_WARP) {
            trap("mma needs all 32 lanes");
        }
        const unsigned g = current->lane >> 2, t = current->lane & 3;
        float left[2][inner], right[2][inner];
        for (unsigned k = 0; k < inner; k++) {
            for (unsigned half = 0; half < 2; half++) {
                left[half][k] = a_at(slots, g, half, k);
                right[half][k] = b_at(slots, 2 * t + half, k);
            }
        }
        for (unsigned i = 0; i < 4; i++) {
            float sum = d[i];
            for (unsigned k = 0; k < inner; k++) {
                sum += left[i >> 1][k] * right[i & 1][k];
            }
            d[i] = sum;
        }
        return 0;
    });
}

inline uint32_t fragment_word(const unsigned char* slots, unsigned lane, unsigned word) {
    uint32_t bits;
    std::memcpy(&bits, slots + lane * SLOT_BYTES + word * 4, 4);
    return bits;
}

}  // namespace emu

inline void mma_m16n8k8_tf32(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], EMU_SITE) {
    const auto tf32 = [](uint32_t bits) { return __uint_as_float(bits & 0xffffe000u); };
    emu::mma<8>(
            d, a, b, {file, line},
            [&](const unsigned char* slots, unsigned row, unsigned half, unsigned k) {
                return tf32(emu::fragment_word(slots, row * 4 + k % 4, k / 4 * 2 + half));
            },
            [&](const unsigned char* slots, unsigned column, unsigned k) {
                return tf32(emu::fragment_word(slots, column * 4 + k % 4, 4 + k / 4));
            });
}

inline void mma_m16n8k16_bf16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], EMU_SITE) {
    const auto bf16 = [](uint32_t bits, unsigned k) { return __uint_as_float((k & 1 ? bits >> 16 : bits) << 16); };
    emu::mma<16>(
            d, a, b, {file, line},
            [&](const unsigned char* slots, unsigned row, unsigned half, unsigned k) {
                return bf16(emu::fragment_word(slots, row * 4 + k % 8 / 2, k / 8 * 2 + half), k);
            },
            [&](const unsigned char* slots, unsigned column, unsigned k) {
                return bf16(emu::fragment_word(slots, column * 4 + k % 8 / 2, 4 + k / 8), k);
            });
}

// ---- asynchronous copies: the bytes arrive at the wait and not before; until then the target holds NaN ----

template <int bytes>
inline void cp_async(void* shared, const void* global) {
    static_assert(bytes == 4 || bytes == 8 || bytes == 16, "cp.async copies 4, 8 or 16 bytes");
    if ((reinterpret_cast<uintptr_t>(shared) | reinterpret_cast<uintptr_t>(global)) % bytes != 0) {
        emu::trap("cp_async of " + std::to_string(bytes) + " bytes at an address that is not aligned to it");
    }
    struct alignas(bytes) Block {
        unsigned char byte[bytes];
    };
    Block poison;
    std::memset(&poison, 0xff, sizeof poison);
    *static_cast<Block*>(shared) = poison;
    emu::queue_copy({shared, global, bytes});
}
inline void cp_async_commit() { emu::commit_copies(); }
template <int pending>
inline void cp_async_wait() {
    const auto due = emu::due_copies(pending);
    for (size_t i = 0; i < due.second; i++) {
        const emu::Copy& copy = due.first[i];
        for (unsigned word = 0; word < copy.bytes / 4; word++) {
            std::memcpy(static_cast<char*>(copy.shared) + 4 * word, static_cast<const char*>(copy.global) + 4 * word, 4);
        }
    }
}

#undef EMU_SITE
