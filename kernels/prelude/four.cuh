// Runs of up to four neighbours in memory, moved as 16 bytes where they can be.
#pragma once

DEVICE bool is_aligned16(const void* address) {
    return reinterpret_cast<unsigned long long>(address) % 16 == 0;
}

struct Four {
    float v[4];
};

// Whether runs of four from p are aligned to 16 bytes in every row of d values.
DEVICE bool is_wide(const void* p, long long d) {
    return is_aligned16(p) && d % 4 == 0;
}

// p[0..3], or as many as `count` says (the rest zero); wide: count is four and p is aligned to 16 bytes.
DEVICE Four load_four(const float* p, int count, bool wide) {
    if (wide && count >= 4) {
        const float4 v = *reinterpret_cast<const float4*>(p);
        return {{v.x, v.y, v.z, v.w}};
    }
    return {{p[0], count > 1 ? p[1] : 0.0f, count > 2 ? p[2] : 0.0f, count > 3 ? p[3] : 0.0f}};
}

DEVICE void store_four(float* p, int count, bool wide, const Four& f) {
    if (wide && count >= 4) {
        *reinterpret_cast<float4*>(p) = make_float4(f.v[0], f.v[1], f.v[2], f.v[3]);
        return;
    }
    p[0] = f.v[0];
    if (count > 1) p[1] = f.v[1];
    if (count > 2) p[2] = f.v[2];
    if (count > 3) p[3] = f.v[3];
}

// The first of this thread's four elements, in kernels over a flat array, and how many of them there are.
DEVICE long long four_at() {
    return 4 * (static_cast<long long>(blockIdx.x) * static_cast<long long>(blockDim.x) + threadIdx.x);
}
DEVICE int four_count(long long at, long long length) {
    return length - at < 4 ? static_cast<int>(length - at) : 4;
}
