// The part of cuDNN 8 that the library's opt-in provider calls: plain loops on the emulated stream, for float32 tensors and
// filters that lie channels last. Scalars are read from host memory at the call. Descriptors are checked against one another.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <set>

#include "../driver/api.h"

#define CUDNN_CALL extern "C" __attribute__((visibility("default"))) int
#define CUDNN_SIZE_CALL extern "C" __attribute__((visibility("default"))) size_t
#define CUDNN_TEXT_CALL extern "C" __attribute__((visibility("default"))) const char*

// Exported by the emulated driver.
extern "C" CUresult emu_enqueue(CUstream stream, const char* name, void (*function)(const void*), const void* data,
                                size_t bytes);

namespace {

// cudnnStatus_t and the other enumerations, as far as they are used.
enum Status { SUCCESS = 0, NOT_INITIALIZED = 1, BAD_PARAM = 3, EXECUTION_FAILED = 8, NOT_SUPPORTED = 9 };
constexpr int FLOAT = 0, CHANNELS_LAST = 1, CROSS_CORRELATION = 1, DETERMINISTIC = 1, FMA_MATH = 3;
// Of the algorithms offered the first is one that a caller who wants repeatable results must not take.
constexpr int UNREPEATABLE = 0, REPEATABLE = 1;
constexpr size_t WORKSPACE = 1000;

// Tensors n c h w, filters k c h w.
struct Block {
    int n = 0, c = 0, h = 0, w = 0;
};
struct Geometry {
    int pad_h = 0, pad_w = 0, stride_h = 0, stride_w = 0, dilation_h = 0, dilation_w = 0, groups = 1, math = 0;
};
struct Handle {
    CUstream stream = nullptr;
};

template <class T>
std::set<T*>& live() {
    static auto* all = new std::set<T*>;
    return *all;
}
// Tensors and filters are blocks that must not be mistaken for one another.
struct Tensor : Block {};
struct Filter : Block {};

template <class T>
int create(T** out) {
    *out = new T;
    live<T>().insert(*out);
    return SUCCESS;
}
template <class T>
int destroy(T* object) {
    if (!live<T>().erase(object)) {
        return BAD_PARAM;
    }
    delete object;
    return SUCCESS;
}

struct Work {
    Block x, w, y;
    Geometry g;
    float alpha, beta;
    const float *from_x, *from_w, *from_y;
    float* out;
    void* workspace;
};

int positions(int extent, int pad, int kernel, int dilation, int stride) {
    return (extent + 2 * pad - (kernel - 1) * dilation - 1) / stride + 1;
}

// body(where in x, in w, in y) for each product of a convolution.
template <class Body>
void each_product(const Work& work, const Body& body) {
    const Block &x = work.x, &w = work.w, &y = work.y;
    const Geometry& g = work.g;
    for (int n = 0; n < y.n; n++) {
        for (int oy = 0; oy < y.h; oy++) {
            for (int ox = 0; ox < y.w; ox++) {
                for (int k = 0; k < y.c; k++) {
                    for (int r = 0; r < w.h; r++) {
                        for (int s = 0; s < w.w; s++) {
                            const int iy = oy * g.stride_h - g.pad_h + r * g.dilation_h;
                            const int ix = ox * g.stride_w - g.pad_w + s * g.dilation_w;
                            if (iy < 0 || iy >= x.h || ix < 0 || ix >= x.w) {
                                continue;
                            }
                            for (int c = 0; c < w.c; c++) {
                                const int channel = k / (y.c / g.groups) * w.c + c;
                                body(((size_t(n) * x.h + iy) * x.w + ix) * x.c + channel,
                                     ((size_t(k) * w.h + r) * w.w + s) * w.c + c,
                                     ((size_t(n) * y.h + oy) * y.w + ox) * y.c + k);
                            }
                        }
                    }
                }
            }
        }
    }
}

size_t size(const Block& b) {
    return size_t(b.n) * b.c * b.h * b.w;
}

void begin(const Work& work, size_t length) {
    if (work.workspace) {
        std::memset(work.workspace, 0xff, WORKSPACE);
    }
    for (size_t i = 0; i < length; i++) {
        work.out[i] = work.beta == 0 ? 0.0f : work.beta * work.out[i];
    }
}

void forward(const void* data) {
    Work work;
    std::memcpy(&work, data, sizeof work);
    begin(work, size(work.y));
    each_product(work, [&](size_t x, size_t w, size_t y) { work.out[y] += work.alpha * work.from_x[x] * work.from_w[w]; });
}
void backward_data(const void* data) {
    Work work;
    std::memcpy(&work, data, sizeof work);
    begin(work, size(work.x));
    each_product(work, [&](size_t x, size_t w, size_t y) { work.out[x] += work.alpha * work.from_y[y] * work.from_w[w]; });
}
void backward_filter(const void* data) {
    Work work;
    std::memcpy(&work, data, sizeof work);
    begin(work, size(work.w));
    each_product(work, [&](size_t x, size_t w, size_t y) { work.out[w] += work.alpha * work.from_y[y] * work.from_x[x]; });
}
void backward_bias(const void* data) {
    Work work;
    std::memcpy(&work, data, sizeof work);
    begin(work, size_t(work.y.c));
    for (size_t i = 0; i < size(work.y); i++) {
        work.out[i % size_t(work.y.c)] += work.alpha * work.from_y[i];
    }
}

int check(Handle* handle, const Tensor* x, const Filter* w, const Geometry* g, const Tensor* y) {
    if (!live<Handle>().count(handle)) {
        return NOT_INITIALIZED;
    }
    if (!live<Tensor>().count(const_cast<Tensor*>(x)) || !live<Tensor>().count(const_cast<Tensor*>(y)) ||
        !live<Filter>().count(const_cast<Filter*>(w)) || !live<Geometry>().count(const_cast<Geometry*>(g))) {
        return BAD_PARAM;
    }
    const bool fits = x->n == y->n && x->c == w->c * g->groups && y->c == w->n && w->n % g->groups == 0 &&
                      y->h == positions(x->h, g->pad_h, w->h, g->dilation_h, g->stride_h) &&
                      y->w == positions(x->w, g->pad_w, w->w, g->dilation_w, g->stride_w);
    return fits && g->math == FMA_MATH ? SUCCESS : BAD_PARAM;
}

// cudnnConvolution*AlgoPerf_t: the three have one layout.
struct Performance {
    int algorithm, status;
    float time;
    size_t memory;
    int determinism, math;
    int reserved[3];
};

int offer(int status, int requested, int* returned, Performance* results) {
    if (status != SUCCESS) {
        return status;
    }
    const Performance all[] = {{UNREPEATABLE, SUCCESS, -1, 0, 0, FMA_MATH, {}},
                               {REPEATABLE, SUCCESS, -1, WORKSPACE, DETERMINISTIC, FMA_MATH, {}}};
    *returned = requested < 2 ? requested : 2;
    std::memcpy(results, all, sizeof(Performance) * size_t(*returned));
    return SUCCESS;
}

int run(Handle* handle, int status, const char* name, void (*function)(const void*), int algorithm, size_t workspace_bytes,
        Work& work) {
    if (status != SUCCESS) {
        return status;
    }
    if (algorithm != REPEATABLE) {
        return NOT_SUPPORTED;
    }
    const float* operands[] = {work.from_x, work.from_w, work.from_y, work.out};
    for (const float* operand : operands) {
        if (reinterpret_cast<uintptr_t>(operand) % 16 != 0) {
            return BAD_PARAM;
        }
    }
    if (!work.workspace || workspace_bytes < WORKSPACE) {
        return BAD_PARAM;
    }
    return emu_enqueue(handle->stream, name, function, &work, sizeof work) == CUDA_SUCCESS ? SUCCESS : EXECUTION_FAILED;
}

Work work_of(const float* alpha, const float* beta, const Block* x, const Block* w, const Geometry* g, const Block* y) {
    Work work = {};
    work.alpha = *alpha;
    work.beta = *beta;
    work.x = *x;
    work.w = *w;
    work.y = *y;
    work.g = *g;
    return work;
}

int set(Block* block, bool known, int format, int type, const Block& value) {
    if (!known || type != FLOAT || value.n < 1 || value.c < 1 || value.h < 1 || value.w < 1) {
        return BAD_PARAM;
    }
    if (format != CHANNELS_LAST) {
        return NOT_SUPPORTED;
    }
    *block = value;
    return SUCCESS;
}

}  // namespace

// ---- handle ----

CUDNN_CALL cudnnCreate(Handle** out) {
    CUcontext context = nullptr;
    if (cuCtxGetCurrent(&context) != CUDA_SUCCESS || !context) {
        return NOT_INITIALIZED;
    }
    return create(out);
}
CUDNN_CALL cudnnDestroy(Handle* handle) {
    return destroy(handle);
}
CUDNN_CALL cudnnSetStream(Handle* handle, CUstream stream) {
    if (!live<Handle>().count(handle)) {
        return NOT_INITIALIZED;
    }
    handle->stream = stream;
    return SUCCESS;
}
CUDNN_SIZE_CALL cudnnGetVersion() {
    return 8907;
}
CUDNN_TEXT_CALL cudnnGetErrorString(int status) {
    return status == SUCCESS         ? "CUDNN_STATUS_SUCCESS"
           : status == BAD_PARAM     ? "CUDNN_STATUS_BAD_PARAM"
           : status == NOT_SUPPORTED ? "CUDNN_STATUS_NOT_SUPPORTED"
                                     : "CUDNN_STATUS_EXECUTION_FAILED";
}

// ---- descriptors ----

CUDNN_CALL cudnnCreateTensorDescriptor(Tensor** out) {
    return create(out);
}
CUDNN_CALL cudnnDestroyTensorDescriptor(Tensor* tensor) {
    return destroy(tensor);
}
CUDNN_CALL cudnnSetTensor4dDescriptor(Tensor* tensor, int format, int type, int n, int c, int h, int w) {
    return set(tensor, live<Tensor>().count(tensor) != 0, format, type, {n, c, h, w});
}
CUDNN_CALL cudnnCreateFilterDescriptor(Filter** out) {
    return create(out);
}
CUDNN_CALL cudnnDestroyFilterDescriptor(Filter* filter) {
    return destroy(filter);
}
CUDNN_CALL cudnnSetFilter4dDescriptor(Filter* filter, int type, int format, int k, int c, int h, int w) {
    return set(filter, live<Filter>().count(filter) != 0, format, type, {k, c, h, w});
}
CUDNN_CALL cudnnCreateConvolutionDescriptor(Geometry** out) {
    return create(out);
}
CUDNN_CALL cudnnDestroyConvolutionDescriptor(Geometry* geometry) {
    return destroy(geometry);
}
CUDNN_CALL cudnnSetConvolution2dDescriptor(Geometry* g, int pad_h, int pad_w, int stride_h, int stride_w, int dilation_h,
                                           int dilation_w, int mode, int type) {
    if (!live<Geometry>().count(g) || pad_h < 0 || pad_w < 0 || stride_h < 1 || stride_w < 1 || dilation_h < 1 ||
        dilation_w < 1 || mode != CROSS_CORRELATION || type != FLOAT) {
        return BAD_PARAM;
    }
    *g = {pad_h, pad_w, stride_h, stride_w, dilation_h, dilation_w, g->groups, g->math};
    return SUCCESS;
}
CUDNN_CALL cudnnSetConvolutionGroupCount(Geometry* g, int groups) {
    if (!live<Geometry>().count(g) || groups < 1) {
        return BAD_PARAM;
    }
    g->groups = groups;
    return SUCCESS;
}
CUDNN_CALL cudnnSetConvolutionMathType(Geometry* g, int math) {
    if (!live<Geometry>().count(g)) {
        return BAD_PARAM;
    }
    g->math = math;
    return SUCCESS;
}

// ---- algorithms ----

CUDNN_CALL cudnnGetConvolutionForwardAlgorithm_v7(Handle* handle, const Tensor* x, const Filter* w, const Geometry* g,
                                                  const Tensor* y, int requested, int* returned, Performance* results) {
    return offer(check(handle, x, w, g, y), requested, returned, results);
}
CUDNN_CALL cudnnGetConvolutionBackwardDataAlgorithm_v7(Handle* handle, const Filter* w, const Tensor* dy, const Geometry* g,
                                                       const Tensor* dx, int requested, int* returned,
                                                       Performance* results) {
    return offer(check(handle, dx, w, g, dy), requested, returned, results);
}
CUDNN_CALL cudnnGetConvolutionBackwardFilterAlgorithm_v7(Handle* handle, const Tensor* x, const Tensor* dy, const Geometry* g,
                                                         const Filter* dw, int requested, int* returned,
                                                         Performance* results) {
    return offer(check(handle, x, dw, g, dy), requested, returned, results);
}

// ---- products ----

CUDNN_CALL cudnnConvolutionForward(Handle* handle, const float* alpha, const Tensor* x, const float* from_x, const Filter* w,
                                   const float* from_w, const Geometry* g, int algorithm, void* workspace, size_t bytes,
                                   const float* beta, const Tensor* y, float* out) {
    const int status = check(handle, x, w, g, y);
    if (status != SUCCESS) {
        return status;
    }
    Work work = work_of(alpha, beta, x, w, g, y);
    work.from_x = from_x;
    work.from_w = from_w;
    work.out = out;
    work.workspace = workspace;
    return run(handle, status, "cudnn forward", forward, algorithm, bytes, work);
}
CUDNN_CALL cudnnConvolutionBackwardData(Handle* handle, const float* alpha, const Filter* w, const float* from_w,
                                        const Tensor* dy, const float* from_y, const Geometry* g, int algorithm,
                                        void* workspace, size_t bytes, const float* beta, const Tensor* dx, float* out) {
    const int status = check(handle, dx, w, g, dy);
    if (status != SUCCESS) {
        return status;
    }
    Work work = work_of(alpha, beta, dx, w, g, dy);
    work.from_w = from_w;
    work.from_y = from_y;
    work.out = out;
    work.workspace = workspace;
    return run(handle, status, "cudnn backward data", backward_data, algorithm, bytes, work);
}
CUDNN_CALL cudnnConvolutionBackwardFilter(Handle* handle, const float* alpha, const Tensor* x, const float* from_x,
                                          const Tensor* dy, const float* from_y, const Geometry* g, int algorithm,
                                          void* workspace, size_t bytes, const float* beta, const Filter* dw, float* out) {
    const int status = check(handle, x, dw, g, dy);
    if (status != SUCCESS) {
        return status;
    }
    Work work = work_of(alpha, beta, x, dw, g, dy);
    work.from_x = from_x;
    work.from_y = from_y;
    work.out = out;
    work.workspace = workspace;
    return run(handle, status, "cudnn backward filter", backward_filter, algorithm, bytes, work);
}
CUDNN_CALL cudnnConvolutionBackwardBias(Handle* handle, const float* alpha, const Tensor* dy, const float* from_y,
                                        const float* beta, const Tensor* db, float* out) {
    if (!live<Handle>().count(handle)) {
        return NOT_INITIALIZED;
    }
    if (!live<Tensor>().count(const_cast<Tensor*>(dy)) || !live<Tensor>().count(const_cast<Tensor*>(db)) || db->n != 1 ||
        db->h != 1 || db->w != 1 || db->c != dy->c) {
        return BAD_PARAM;
    }
    const Geometry none;
    Work work = work_of(alpha, beta, dy, db, &none, dy);
    work.from_y = from_y;
    work.out = out;
    return emu_enqueue(handle->stream, "cudnn backward bias", backward_bias, &work, sizeof work) == CUDA_SUCCESS
                   ? SUCCESS
                   : EXECUTION_FAILED;
}
