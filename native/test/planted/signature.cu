// A kernel whose parameters differ between the two builds: the module must be refused.
#include "prelude.cuh"

#if defined(__CUDACC__)
using Length = long long;
#else
using Length = int;
#endif

KERNEL(64) planted_signature(Length n, float* out) {
    if (threadIdx.x == 0) {
        out[0] = float(n);
    }
}
KERNEL_EXPORT(planted_signature)
