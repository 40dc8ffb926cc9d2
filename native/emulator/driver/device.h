// What each architecture that the emulator can claim to be offers.
#pragma once

namespace emu {

struct Architecture {
    int cc;
    int threads_per_multiprocessor;
    int blocks_per_multiprocessor;
    int shared_per_multiprocessor;  // bytes
    int shared_per_block_optin;     // bytes, with cuFuncSetAttribute
};

constexpr int SHARED_PER_BLOCK = 48 * 1024;  // without
constexpr int REGISTERS = 65536;             // of a multiprocessor and of a block
constexpr int MULTIPROCESSORS = 8;           // few, so that persistent kernels stay cheap

// Of the device; EMU_CC must name one of the table.
const Architecture& architecture(int device);

}  // namespace emu
