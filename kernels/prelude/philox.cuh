// Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), laid out as on every device of the
// library: key = the 64-bit seed; counter = (element / 4, example index, restart or step, purpose << 24 | epoch). So a
// number depends on what it is for, never on batch, thread or order.
#pragma once

// The words of elements 4 * block .. 4 * block + 3 of one example.
DEVICE uint4 philox_block(unsigned long long seed, unsigned block, unsigned index, unsigned restart, unsigned stream) {
    unsigned c0 = block, c1 = index, c2 = restart, c3 = stream;
    unsigned key0 = static_cast<unsigned>(seed);
    unsigned key1 = static_cast<unsigned>(seed >> 32);
#pragma unroll
    for (int round = 0; round < 10; ++round) {
        const unsigned high0 = __umulhi(c0, 0xD2511F53u), low0 = c0 * 0xD2511F53u;
        const unsigned high1 = __umulhi(c2, 0xCD9E8D57u), low1 = c2 * 0xCD9E8D57u;
        c0 = high1 ^ c1 ^ key0;
        c1 = low1;
        c2 = high0 ^ c3 ^ key1;
        c3 = low0;
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    return make_uint4(c0, c1, c2, c3);
}

// Uniform in [0,1) on 2^24 points.
DEVICE float uniform_of(unsigned word) {
    return static_cast<float>(word >> 8) * 0x1p-24f;
}

// Uniform in (0,1], for logarithms.
DEVICE double positive_uniform(unsigned word) {
    return (static_cast<double>(word >> 8) + 1.0) * 0x1p-24;
}

// The stream of a kernel that reads the epoch from device memory: cursor[2] in place of the low 24 bits.
DEVICE unsigned stream_of(unsigned stream, const int* cursor) {
    return cursor == nullptr ? stream : (stream & 0xff000000u) | (static_cast<unsigned>(cursor[2]) & 0x00ffffffu);
}
