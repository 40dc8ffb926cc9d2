// The part of cuBLAS that the library's opt-in provider calls: plain loops on the emulated stream. Matrices are
// column-major; scalars are read from host memory at the call, as in CUBLAS_POINTER_MODE_HOST.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <set>

#include "../driver/api.h"

#define BLAS_CALL extern "C" __attribute__((visibility("default"))) int

// Exported by the emulated driver.
extern "C" CUresult emu_enqueue(CUstream stream, const char* name, void (*function)(const void*), const void* data,
                                size_t bytes);

namespace {

// cublasStatus_t, cublasOperation_t and cudaDataType, as far as they are used.
enum Status { SUCCESS = 0, NOT_INITIALIZED = 1, INVALID_VALUE = 7, EXECUTION_FAILED = 13, NOT_SUPPORTED = 15 };
enum Type { FLOAT32 = 0, BFLOAT16 = 14 };
constexpr int TENSOR_OP_TF32 = 3;  // cublasMath_t CUBLAS_TF32_TENSOR_OP_MATH

struct Handle {
    CUstream stream = nullptr;
    int math_mode = 0, pointer_mode = 0, atomics_mode = 0;
};

std::set<Handle*>& handles() {
    static auto* all = new std::set<Handle*>;
    return *all;
}

struct Product {
    int transpose_a, transpose_b, m, n, k, lda, ldb, ldc, type_a, type_b;
    bool tf32;
    float alpha, beta;
    const void *a, *b;
    float* c;
};

float from_bits(uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

float rounded_to_tf32(float x) {
    uint32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    return from_bits((bits + 0x1000u) & 0xffffe000u);
}

float element(const void* matrix, int type, bool tf32, size_t index) {
    if (type == BFLOAT16) {
        return from_bits(uint32_t(static_cast<const uint16_t*>(matrix)[index]) << 16);
    }
    const float value = static_cast<const float*>(matrix)[index];
    return tf32 ? rounded_to_tf32(value) : value;
}

void multiply(const void* data) {
    Product p;
    std::memcpy(&p, data, sizeof p);
    for (int column = 0; column < p.n; column++) {
        for (int row = 0; row < p.m; row++) {
            float sum = 0;
            for (int i = 0; i < p.k; i++) {
                const size_t a = p.transpose_a ? size_t(row) * p.lda + i : size_t(i) * p.lda + row;
                const size_t b = p.transpose_b ? size_t(i) * p.ldb + column : size_t(column) * p.ldb + i;
                sum += element(p.a, p.type_a, p.tf32, a) * element(p.b, p.type_b, p.tf32, b);
            }
            float& out = p.c[size_t(column) * p.ldc + row];
            out = p.beta == 0 ? p.alpha * sum : p.alpha * sum + p.beta * out;
        }
    }
}

int enqueue(Handle* handle, const Product& p) {
    if (!handles().count(handle)) {
        return NOT_INITIALIZED;
    }
    if (p.m < 0 || p.n < 0 || p.k < 0 || p.lda < (p.transpose_a ? p.k : p.m) || p.ldb < (p.transpose_b ? p.n : p.k) ||
        p.ldc < p.m) {
        return INVALID_VALUE;
    }
    return emu_enqueue(handle->stream, "cublas gemm", multiply, &p, sizeof p) == CUDA_SUCCESS ? SUCCESS
                                                                                              : EXECUTION_FAILED;
}

int set(Handle* handle, int Handle::*field, int value) {
    if (!handles().count(handle)) {
        return NOT_INITIALIZED;
    }
    handle->*field = value;
    return SUCCESS;
}

}  // namespace

BLAS_CALL cublasCreate_v2(Handle** out) {
    CUcontext context = nullptr;
    if (cuCtxGetCurrent(&context) != CUDA_SUCCESS || !context) {
        return NOT_INITIALIZED;
    }
    *out = new Handle;
    handles().insert(*out);
    return SUCCESS;
}

BLAS_CALL cublasDestroy_v2(Handle* handle) {
    if (!handles().erase(handle)) {
        return NOT_INITIALIZED;
    }
    delete handle;
    return SUCCESS;
}

BLAS_CALL cublasGetVersion_v2(Handle*, int* version) {
    *version = 120600;
    return SUCCESS;
}

BLAS_CALL cublasSetStream_v2(Handle* handle, CUstream stream) {
    if (!handles().count(handle)) {
        return NOT_INITIALIZED;
    }
    handle->stream = stream;
    return SUCCESS;
}

BLAS_CALL cublasGetStream_v2(Handle* handle, CUstream* stream) {
    if (!handles().count(handle)) {
        return NOT_INITIALIZED;
    }
    *stream = handle->stream;
    return SUCCESS;
}

BLAS_CALL cublasSetWorkspace_v2(Handle* handle, void*, size_t) {
    return handles().count(handle) ? SUCCESS : NOT_INITIALIZED;
}

BLAS_CALL cublasSetMathMode(Handle* handle, int mode) {
    return set(handle, &Handle::math_mode, mode);
}

BLAS_CALL cublasSetAtomicsMode(Handle* handle, int mode) {
    return set(handle, &Handle::atomics_mode, mode);
}

BLAS_CALL cublasSetPointerMode_v2(Handle* handle, int mode) {
    return mode == 0 ? set(handle, &Handle::pointer_mode, mode) : NOT_SUPPORTED;
}

BLAS_CALL cublasSgemm_v2(Handle* handle, int transpose_a, int transpose_b, int m, int n, int k, const float* alpha,
                         const float* a, int lda, const float* b, int ldb, const float* beta, float* c, int ldc) {
    if (!handles().count(handle)) {
        return NOT_INITIALIZED;
    }
    const bool tf32 = (handle->math_mode & 0xf) == TENSOR_OP_TF32;
    return enqueue(handle, {transpose_a, transpose_b, m, n, k, lda, ldb, ldc, FLOAT32, FLOAT32, tf32, *alpha, *beta, a,
                            b, c});
}

BLAS_CALL cublasGemmEx(Handle* handle, int transpose_a, int transpose_b, int m, int n, int k, const void* alpha,
                       const void* a, int type_a, int lda, const void* b, int type_b, int ldb, const void* beta,
                       void* c, int type_c, int ldc, int compute, int) {
    constexpr int COMPUTE_32F = 68, COMPUTE_32F_FAST_TF32 = 77;  // cublasComputeType_t
    const auto known = [](int type) { return type == FLOAT32 || type == BFLOAT16; };
    if (type_c != FLOAT32 || !known(type_a) || type_a != type_b ||
        (compute != COMPUTE_32F && compute != COMPUTE_32F_FAST_TF32)) {
        return NOT_SUPPORTED;
    }
    return enqueue(handle, {transpose_a, transpose_b, m, n, k, lda, ldb, ldc, type_a, type_b,
                            compute == COMPUTE_32F_FAST_TF32, *static_cast<const float*>(alpha),
                            *static_cast<const float*>(beta), a, b, static_cast<float*>(c)});
}
