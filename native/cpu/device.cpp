// The C functions: each fills an argument record and shares the operation's units among the pool's threads.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <new>
#include <system_error>

#include <unistd.h>

#include "operations.h"
#include "pool.h"
#include "program.h"

namespace sp {
namespace portable {
extern const Kernels kernels;
}
#if defined(SP_HAVE_X86_LEVELS)
namespace avx2 {
extern const Kernels kernels;
}
namespace avx512 {
extern const Kernels kernels;
}
namespace avx512_bf16 {
extern const Kernels kernels;
}
#endif

namespace {

int32_t best_level() {
#if defined(SP_HAVE_X86_LEVELS)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("fma")) {
        return __builtin_cpu_supports("avx512bf16") ? SP_LEVEL_AVX512_BF16 : SP_LEVEL_AVX512;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return SP_LEVEL_AVX2;
    }
#endif
    return SP_LEVEL_PORTABLE;
}

const Kernels& kernels_of(int32_t level) {
#if defined(SP_HAVE_X86_LEVELS)
    if (level == SP_LEVEL_AVX512_BF16) {
        return avx512_bf16::kernels;
    }
    if (level == SP_LEVEL_AVX512) {
        return avx512::kernels;
    }
    if (level == SP_LEVEL_AVX2) {
        return avx2::kernels;
    }
#endif
    (void)level;
    return portable::kernels;
}

int64_t second_level_cache() {
    const long found = sysconf(_SC_LEVEL2_CACHE_SIZE);
    return found > 0 ? found : 512 * 1024;
}

int64_t panels(int64_t columns) {
    return (columns + kPanel - 1) / kPanel;
}

int64_t blocks(int64_t length) {
    return (length + kBlock - 1) / kBlock;
}

// Memory that an operation needs beside its arguments: the calling thread's own, grown at need and used again. nullptr if
// there is no more.
double* scratch(int64_t doubles) {
    thread_local std::unique_ptr<double[]> memory;
    thread_local int64_t held = 0;
    if (doubles > held) {
        memory.reset();  // first, so that there is never more than one
        memory.reset(new (std::nothrow) double[static_cast<size_t>(doubles)]);
        held = memory ? doubles : 0;
    }
    return memory.get();
}

float* float_scratch(int64_t floats) {
    return reinterpret_cast<float*>(scratch((floats + 1) / 2));
}

// Operations of one example's forward and backward pass.
int64_t pass_cost(int32_t layers, const sp_dense_layer* stack) {
    int64_t cost = 0;
    for (int32_t i = 0; i < layers; ++i) {
        cost += 4 * stack[i].in * stack[i].out;
    }
    return cost;
}

// What an operation moves that reads and writes as many float32 values of an example, and no weights.
Traffic values(int64_t count) {
    return {count * static_cast<int64_t>(sizeof(float)), 0};
}

Traffic dense_traffic(int64_t in, int64_t out) {
    return {(in + out) * static_cast<int64_t>(sizeof(float)), in * out * static_cast<int64_t>(sizeof(float))};
}

// Operations of one example.
int64_t convolution_cost(const sp_convolution& s) {
    const int64_t positions = s.height * s.width / (s.stride_y * s.stride_x) + 1;
    return 2 * positions * s.filters * (s.channels / s.groups) * s.kernel_height * s.kernel_width;
}

Traffic convolution_traffic(const sp_convolution& s) {
    const int64_t positions = s.height * s.width / (s.stride_y * s.stride_x) + 1;
    const int64_t weights = s.filters * (s.channels / s.groups) * s.kernel_height * s.kernel_width;
    const int64_t float_size = sizeof(float);
    return {(s.height * s.width * s.channels + positions * s.filters) * float_size, weights * float_size};
}

int64_t pooling_cost(const sp_pooling& s) {
    const int64_t positions = s.height * s.width / (s.stride_y * s.stride_x) + 1;
    return 2 * positions * s.channels * s.kernel_height * s.kernel_width;
}

Traffic pooling_traffic(const sp_pooling& s) {
    const int64_t positions = s.height * s.width / (s.stride_y * s.stride_x) + 1;
    return values((s.height * s.width + 2 * positions) * s.channels);
}

AdamFactors adam_factors(float learning_rate, float beta1, float beta2, float stabilizer, float weight_decay,
                         int32_t decoupled, int64_t step) {
    const double correction1 = 1.0 - std::pow(static_cast<double>(beta1), static_cast<double>(step));
    const double correction2 = 1.0 - std::pow(static_cast<double>(beta2), static_cast<double>(step));
    const double rate = learning_rate;
    return {static_cast<float>(rate / correction1),
            static_cast<float>(std::sqrt(correction2)),
            beta1,
            beta2,
            stabilizer,
            decoupled != 0 ? 0.0f : weight_decay,
            decoupled != 0 ? static_cast<float>(1.0 - rate * static_cast<double>(weight_decay)) : 1.0f};
}

}  // namespace
}  // namespace sp

// A device, or a recorder: one that shares a device's threads, and keeps operations on examples for later.
struct sp_device {
    sp_device(int32_t threads, int32_t chosen)
        : owned(new sp::Pool(threads)), pool(*owned), level(chosen), kernels(sp::kernels_of(chosen)) {}
    explicit sp_device(sp_device& other)
        : pool(other.pool), level(other.level), kernels(other.kernels),
          program(new sp::Program(second_level_cache)) {}

    // cost: roughly the operations of one unit.
    template <class Arguments>
    int32_t run(void (*kernel)(const Arguments&, int64_t, int64_t), const Arguments& arguments, int64_t units,
                int64_t cost) {
        flush();
        pool.run(units, cost, [&](int64_t begin, int64_t end) { kernel(arguments, begin, end); });
        return SP_OK;
    }

    // Units that belong to examples, as many to each: units of one example depend on that example alone.
    template <class Arguments>
    int32_t rows(void (*kernel)(const Arguments&, int64_t, int64_t), Arguments arguments, int64_t units, int64_t cost,
                 sp::Traffic unit) {
        int32_t status = SP_OK;
        if (records(units)) {
            set_status(arguments, &failure);
            const int64_t each = units / program->examples();
            const auto body = [=](int64_t begin, int64_t end) { kernel(arguments, begin * each, end * each); };
            if (program->add(body, each * cost, {each * unit.example, unit.shared})) {
                return SP_OK;
            }
        }
        set_status(arguments, &status);
        run(kernel, arguments, units, cost);
        return status;
    }

    // Rows are examples, of images: the shape, which is the caller's, is copied into what is kept.
    template <class Arguments>
    int32_t images(void (*kernel)(const Arguments&, int64_t, int64_t), Arguments arguments, int64_t n, int64_t cost,
                   sp::Traffic example) {
        int32_t status = SP_OK;
        if (records(n)) {
            set_status(arguments, &failure);
            const auto body = [kernel, arguments, shape = *arguments.shape](int64_t begin, int64_t end) {
                Arguments own = arguments;
                own.shape = &shape;
                kernel(own, begin, end);
            };
            if (program->add(body, cost, example)) {
                return SP_OK;
            }
        }
        set_status(arguments, &status);
        run(kernel, arguments, n, cost);
        return status;
    }

    // Where a kernel says that memory has run out, if it can.
    template <class Arguments>
    static void set_status(Arguments& arguments, int32_t* status) {
        if constexpr (requires { arguments.status; }) {
            arguments.status = status;
        }
    }

    // The same for elements: body(begin, end) works on these.
    template <class Elements>
    int32_t elements(int64_t length, int64_t cost, int64_t bytes, const Elements& body) {
        if (records(length)) {
            const int64_t each = length / program->examples();
            const auto rows = [=](int64_t begin, int64_t end) { body(begin * each, end * each); };
            if (program->add(rows, each * cost, {each * bytes, 0})) {
                return SP_OK;
            }
        }
        flush();
        pool.run(sp::blocks(length), cost * sp::kBlock, [&](int64_t begin, int64_t end) {
            body(begin * sp::kBlock, std::min(length, end * sp::kBlock));
        });
        return SP_OK;
    }

    bool records(int64_t units) const {
        return program != nullptr && program->examples() > 0 && units % program->examples() == 0;
    }

    // Runs what has been recorded: nothing may overtake it.
    void flush() {
        if (program != nullptr && !program->empty()) {
            pool.run(program->examples(), program->cost(),
                     [&](int64_t begin, int64_t end) { program->run(begin, end); });
            program->clear();
        }
    }

    // Whether threads share a product's columns instead of its rows: where rows are too few to give every thread a full
    // register tile, or where weights overflow a core's cache, so that one thread alone has to fetch each of them.
    bool share_panels(int64_t n, int64_t in, int64_t out, int64_t columns) const {
        const bool few = program == nullptr && n < 8 * pool.threads();
        const bool large = in * out * static_cast<int64_t>(sizeof(float)) > second_level_cache;
        return (few || large) && sp::panels(columns) >= pool.threads();
    }

    // How many examples' own rows (input and origin, each layer's output and gradient) fill half of the
    // second-level cache: the weights stream through the rest.
    int64_t tile(int32_t layers, const sp_dense_layer* stack) const {
        int64_t floats = 2 * stack[0].in;
        for (int32_t i = 0; i < layers; ++i) {
            floats += 2 * stack[i].out;
        }
        const int64_t fitting = second_level_cache / 2 / (floats * static_cast<int64_t>(sizeof(float)));
        return std::clamp<int64_t>(fitting / 8 * 8, 8, 64);
    }

    const int64_t second_level_cache = sp::second_level_cache();
    const std::unique_ptr<sp::Pool> owned;
    sp::Pool& pool;
    const int32_t level;
    const sp::Kernels& kernels;
    const std::unique_ptr<sp::Program> program;
    int32_t failure = SP_OK;  // of a recorder: what an operation that was kept came to
};

using namespace sp;

extern "C" {

int32_t sp_best_level(void) {
    return best_level();
}

int32_t sp_device_create(int32_t threads, int32_t level, sp_device** out) {
    if (threads < 1 || threads > 1024 || out == nullptr || level < SP_LEVEL_BEST || level > SP_LEVEL_AVX512_BF16) {
        return SP_INVALID_ARGUMENT;
    }
    if (level > best_level()) {
        return SP_UNSUPPORTED_LEVEL;
    }
    try {
        *out = new sp_device(threads, level == SP_LEVEL_BEST ? best_level() : level);
    } catch (const std::bad_alloc&) {
        return SP_OUT_OF_MEMORY;
    } catch (const std::system_error&) {
        return SP_OUT_OF_MEMORY;  // no more threads
    }
    return SP_OK;
}

int32_t sp_device_destroy(sp_device* device) {
    delete device;
    return SP_OK;
}

int32_t sp_recorder_create(sp_device* device, sp_device** out) {
    try {
        *out = new sp_device(*device);
    } catch (const std::bad_alloc&) {
        return SP_OUT_OF_MEMORY;
    }
    return SP_OK;
}

int32_t sp_recorder_begin(sp_device* recorder, int64_t examples, const int32_t* done) {
    recorder->program->begin(examples, done);
    recorder->failure = SP_OK;
    return SP_OK;
}

int32_t sp_recorder_run(sp_device* recorder) {
    recorder->flush();
    return recorder->failure;
}

int32_t sp_device_level(const sp_device* device) {
    return device->level;
}

int32_t sp_fma_peak(sp_device* device, int64_t iterations, int64_t* flops) {
    float sums[1024];  // as many as there may be threads
    const int64_t threads = device->pool.threads();
    *flops = threads * device->kernels.fma_peak_flops(iterations);
    return device->run(device->kernels.fma_peak, FmaPeak{iterations, 0.999f, sums}, threads, *flops);
}

int64_t sp_dense_prepared_length(int64_t in, int64_t out) {
    return in * panels(out) * kPanel;
}

int32_t sp_dense_prepare(sp_device* device, int64_t in, int64_t out, const float* w, float* prepared) {
    return device->run(device->kernels.dense_prepare, DensePrepare{in, out, w, prepared}, panels(out), in * kPanel);
}

int64_t sp_dense_prepared_bf16_length(int64_t in, int64_t out) {
    const int64_t forward = panels(out) * kPanel * ((in + 1) / 2 * 2);
    const int64_t backward = panels(in) * kPanel * ((out + 1) / 2 * 2);
    return std::max(forward, backward);
}

int32_t sp_dense_prepare_bf16(sp_device* device, int64_t in, int64_t out, const float* w, uint16_t* forward,
                              uint16_t* backward) {
    return device->run(device->kernels.dense_prepare_bf16, DensePrepareBf16{in, out, w, forward, backward},
                       panels(out) + panels(in), 2 * in * out * kPanel / (in + out));
}

int32_t sp_dense_forward(sp_device* device, int64_t n, int64_t in, int64_t out, const float* x, const float* prepared,
                         const float* b, int32_t activation, float slope, float* y) {
    const bool by_panel = device->share_panels(n, in, out, out);
    const DenseForward a{n, in, out, x, prepared, b, activation, slope, y, by_panel};
    return by_panel ? device->run(device->kernels.dense_forward, a, panels(out), 2 * n * in * kPanel)
                    : device->rows(device->kernels.dense_forward, a, n, 2 * in * out, dense_traffic(in, out));
}

int32_t sp_dense_input_gradient(sp_device* device, int64_t n, int64_t in, int64_t out, const float* dy, const float* w,
                                const float* y_before, int32_t activation, float slope, float* dx) {
    const bool by_panel = device->share_panels(n, in, out, in);
    const DenseInputGradient a{n, in, out, dy, w, y_before, activation, slope, dx, by_panel};
    return by_panel ? device->run(device->kernels.dense_input_gradient, a, panels(in), 2 * n * out * kPanel)
                    : device->rows(device->kernels.dense_input_gradient, a, n, 2 * in * out, dense_traffic(in, out));
}

int32_t sp_dense_weight_gradient(sp_device* device, int64_t n, int64_t in, int64_t out, const float* x,
                                 const float* dy, float* dw, float* db) {
    const DenseWeightGradient a{n, in, out, x, dy, dw, db};
    return device->run(device->kernels.dense_weight_gradient, a, panels(in), 2 * n * out * kPanel);
}

int32_t sp_dense_linf_step(sp_device* device, int64_t n, int64_t in, int64_t out, const float* dy, const float* w,
                           const float* origin, float step_size, float epsilon, const int32_t* beaten,
                           int32_t* zero_gradients, float* x) {
    const DenseLinfStep a{n, in, out, dy, w, origin, step_size, epsilon, beaten, zero_gradients, x};
    return device->rows(device->kernels.dense_linf_step, a, n, 2 * in * out, dense_traffic(in, out));
}

int32_t sp_dense_forward_bf16(sp_device* device, int64_t n, int64_t in, int64_t out, const float* x, const float* w,
                              const uint16_t* forward, const float* b, int32_t activation, float slope, float* y) {
    const bool by_panel = device->share_panels(n, in, out, out);
    const DenseForward dense{n, in, out, x, nullptr, b, activation, slope, y, by_panel, nullptr, forward};
    int32_t status = SP_OK;
    const DenseForwardBf16 a{dense, w, &status};
    if (by_panel) {
        device->run(device->kernels.dense_forward_bf16, a, panels(out), n * in * kPanel);
        return status;
    }
    return device->rows(device->kernels.dense_forward_bf16, a, n, in * out, dense_traffic(in, out));
}

int32_t sp_dense_input_gradient_bf16(sp_device* device, int64_t n, int64_t in, int64_t out, const float* dy,
                                     const float* w, const uint16_t* backward, const float* y_before,
                                     int32_t activation, float slope, float* dx) {
    const bool by_panel = device->share_panels(n, in, out, in);
    const DenseInputGradient dense{n, in, out, dy, w, y_before, activation, slope, dx, by_panel, nullptr, backward};
    int32_t status = SP_OK;
    const DenseInputGradientBf16 a{dense, &status};
    if (by_panel) {
        device->run(device->kernels.dense_input_gradient_bf16, a, panels(in), n * out * kPanel);
        return status;
    }
    return device->rows(device->kernels.dense_input_gradient_bf16, a, n, in * out, dense_traffic(in, out));
}

int32_t sp_dense_weight_gradient_bf16(sp_device* device, int64_t n, int64_t in, int64_t out, const float* x,
                                      const float* dy, float* dw, float* db) {
    int32_t status = SP_OK;
    const DenseWeightGradientBf16 a{{n, in, out, x, dy, dw, db}, &status};
    device->run(device->kernels.dense_weight_gradient_bf16, a, panels(in), 2 * n * out * kPanel);
    return status;
}

int32_t sp_dense_linf_step_bf16(sp_device* device, int64_t n, int64_t in, int64_t out, const float* dy, const float* w,
                                const uint16_t* backward, const float* origin, float step_size, float epsilon,
                                const int32_t* beaten, int32_t* zero_gradients, float* x) {
    const DenseLinfStep dense{n,       in,     out,            dy, w,       origin,  step_size,
                              epsilon, beaten, zero_gradients, x,  nullptr, backward};
    return device->rows(device->kernels.dense_linf_step_bf16, DenseLinfStepBf16{dense, nullptr}, n, in * out,
                        dense_traffic(in, out));
}

int32_t sp_convolution_prepared_length(sp_device* device, const sp_convolution* shape, int64_t* length) {
    return device->run(device->kernels.convolution_prepared_length, ConvolutionPreparedLength{shape, length}, 1, 1);
}

int32_t sp_convolution_prepare(sp_device* device, const sp_convolution* shape, const float* w, float* prepared) {
    const int64_t channels = shape->channels / shape->groups;
    const bool by_planes = shape->channels_first != 0 || shape->channels == 1;
    const int64_t units = shape->groups * (panels(shape->filters / shape->groups) + (by_planes ? 1 : panels(channels)));
    return device->run(device->kernels.convolution_prepare, ConvolutionPrepare{shape, w, prepared}, units,
                       4 * kPanel * channels * shape->kernel_height * shape->kernel_width);
}

int32_t sp_convolution_forward(sp_device* device, int64_t n, const sp_convolution* shape, const float* x,
                               const float* prepared, const float* b, int32_t activation, float slope, float* y) {
    return device->images(device->kernels.convolution_forward,
                          ConvolutionForward{shape, x, prepared, b, activation, slope, y, nullptr}, n,
                          convolution_cost(*shape), convolution_traffic(*shape));
}

int32_t sp_convolution_input_gradient(sp_device* device, int64_t n, const sp_convolution* shape, const float* dy,
                                      const float* prepared, const float* y_before, int32_t activation, float slope,
                                      float* dx) {
    return device->images(device->kernels.convolution_input_gradient,
                          ConvolutionInputGradient{shape, dy, prepared, y_before, activation, slope, dx, nullptr}, n,
                          convolution_cost(*shape), convolution_traffic(*shape));
}

int32_t sp_convolution_weight_gradient(sp_device* device, int64_t n, const sp_convolution* shape, const float* x,
                                       const float* dy, float* dw, float* db) {
    int32_t status = SP_OK;
    const ConvolutionWeightGradient a{n, shape, x, dy, dw, db, &status};
    device->run(device->kernels.convolution_weight_gradient, a, kWeightShares,
                n * convolution_cost(*shape) / kWeightShares + 1);
    return status;
}

int32_t sp_convolution_linf_step(sp_device* device, int64_t n, const sp_convolution* shape, const float* dy,
                                 const float* prepared, const float* origin, float step_size, float epsilon,
                                 const int32_t* beaten, int32_t* zero_gradients, float* x) {
    const ConvolutionLinfStep a{shape,   dy,     prepared,       origin, step_size,
                                epsilon, beaten, zero_gradients, x,      nullptr};
    return device->images(device->kernels.convolution_linf_step, a, n, convolution_cost(*shape),
                          convolution_traffic(*shape));
}

int32_t sp_max_pool(sp_device* device, int64_t n, const sp_pooling* shape, const float* x, float* y, int32_t* chosen) {
    return device->images(device->kernels.max_pool, MaxPool{shape, x, y, chosen}, n, pooling_cost(*shape),
                          pooling_traffic(*shape));
}

int32_t sp_max_pool_gradient(sp_device* device, int64_t n, const sp_pooling* shape, const float* dy,
                             const int32_t* chosen, const float* y_before, int32_t activation, float slope,
                             float* dx) {
    const MaxPoolGradient a{shape, dy, chosen, y_before, activation, slope, dx};
    return device->images(device->kernels.max_pool_gradient, a, n, pooling_cost(*shape), pooling_traffic(*shape));
}

int32_t sp_average_pool(sp_device* device, int64_t n, const sp_pooling* shape, const float* x, float* y) {
    return device->images(device->kernels.average_pool, AveragePool{shape, x, y}, n, pooling_cost(*shape),
                          pooling_traffic(*shape));
}

int32_t sp_average_pool_gradient(sp_device* device, int64_t n, const sp_pooling* shape, const float* dy,
                                 const float* y_before, int32_t activation, float slope, float* dx) {
    const AveragePoolGradient a{shape, dy, y_before, activation, slope, dx};
    return device->images(device->kernels.average_pool_gradient, a, n, pooling_cost(*shape), pooling_traffic(*shape));
}

int32_t sp_transpose(sp_device* device, int64_t n, int64_t rows, int64_t columns, const float* x, float* y) {
    return device->rows(device->kernels.transpose, Transpose{rows, columns, x, y}, n, 4 * rows * columns,
                        values(2 * rows * columns));
}

int32_t sp_activation_forward(sp_device* device, int64_t length, const float* x, int32_t activation, float slope,
                              float* y) {
    const auto kernel = device->kernels.activation_forward;
    return device->elements(length, 4, 8, [=](int64_t begin, int64_t end) {
        kernel(ActivationForward{end - begin, x + begin, activation, slope, y + begin}, 0, blocks(end - begin));
    });
}

int32_t sp_activation_gradient(sp_device* device, int64_t length, const float* y, const float* dy, int32_t activation,
                               float slope, float* dx) {
    const auto kernel = device->kernels.activation_gradient;
    return device->elements(length, 4, 12, [=](int64_t begin, int64_t end) {
        kernel(ActivationGradient{end - begin, y + begin, dy + begin, activation, slope, dx + begin}, 0,
               blocks(end - begin));
    });
}

int32_t sp_scale_shift(sp_device* device, int64_t n, int64_t channels, int64_t size, const float* x,
                       const float* scale, const float* shift, float* y) {
    return device->rows(device->kernels.scale_shift, ScaleShift{channels, size, x, scale, shift, y}, n,
                        4 * channels * size, values(2 * channels * size));
}

int32_t sp_add(sp_device* device, int64_t length, const float* a, const float* b, int32_t activation, float slope,
               float* y) {
    const auto kernel = device->kernels.add;
    return device->elements(length, 4, 12, [=](int64_t begin, int64_t end) {
        kernel(Add{end - begin, a + begin, b + begin, activation, slope, y + begin}, 0, blocks(end - begin));
    });
}

int32_t sp_copy_columns(sp_device* device, int64_t rows, int64_t columns, const float* source, int64_t source_width,
                        int64_t source_at, float* target, int64_t target_width, int64_t target_at) {
    const CopyColumns a{columns, source + source_at, source_width, target + target_at, target_width};
    return device->rows(device->kernels.copy_columns, a, rows, columns, values(2 * columns));
}

int32_t sp_channel_statistics(sp_device* device, int64_t rows, int64_t channels, const float* x, float* mean,
                              float* variance) {
    const RowGroups shape{rows, channels};
    double* sums = scratch(shape.sums());
    if (sums == nullptr) {
        return SP_OUT_OF_MEMORY;
    }
    const ChannelStatistics a{shape, x, sums, mean, variance};
    device->run(device->kernels.channel_statistics_sums, a, shape.count(), 4 * rows * channels / shape.count());
    return device->run(device->kernels.channel_statistics, a, blocks(channels), 4 * kBlock * shape.count());
}

int32_t sp_update_running_statistics(sp_device* device, int64_t rows, int64_t channels, float momentum,
                                     const float* mean, const float* variance, float* running_mean,
                                     float* running_variance) {
    const UpdateRunningStatistics a{rows, channels, momentum, mean, variance, running_mean, running_variance};
    return device->run(device->kernels.update_running_statistics, a, blocks(channels), 10 * kBlock);
}

int32_t sp_fold_batch_norm(sp_device* device, int64_t channels, const float* mean, const float* variance, float epsilon,
                           const float* weight, const float* bias, float* scale, float* shift) {
    const FoldBatchNorm a{channels, mean, variance, epsilon, weight, bias, scale, shift};
    return device->run(device->kernels.fold_batch_norm, a, blocks(channels), 40 * kBlock);
}

int32_t sp_batch_norm_gradient(sp_device* device, int64_t rows, int64_t channels, const float* x, const float* dy,
                               const float* mean, const float* variance, float epsilon, const float* weight, float* dw,
                               float* db, float* dx) {
    const RowGroups shape{rows, channels};
    double* sums = scratch(shape.sums() + 2 * channels);
    if (sums == nullptr) {
        return SP_OUT_OF_MEMORY;
    }
    auto* factors = reinterpret_cast<float*>(sums + shape.sums());
    const BatchNormGradient a{shape, x, dy, mean, variance, epsilon, weight, sums, factors, dw, db, dx};
    device->run(device->kernels.batch_norm_gradient_sums, a, shape.count(), 6 * rows * channels / shape.count());
    device->run(device->kernels.batch_norm_gradient_factors, a, blocks(channels), 4 * kBlock * shape.count());
    return device->run(device->kernels.batch_norm_gradient, a, rows, 4 * channels);
}

int32_t sp_layer_norm(sp_device* device, int64_t rows, int64_t size, const float* x, const float* weight,
                      const float* bias, float epsilon, int32_t activation, float slope, float* y) {
    const LayerNorm a{size, x, weight, bias, epsilon, activation, slope, y};
    return device->rows(device->kernels.layer_norm, a, rows, 10 * size, values(2 * size));
}

int32_t sp_layer_norm_gradient(sp_device* device, int64_t rows, int64_t size, const float* x, const float* dy,
                               const float* weight, float epsilon, int32_t activation, float slope, const float* before,
                               float* dx) {
    const LayerNormGradient a{size, x, dy, weight, epsilon, activation, slope, before, dx};
    return device->rows(device->kernels.layer_norm_gradient, a, rows, 15 * size, values(3 * size));
}

int32_t sp_layer_norm_weight_gradient(sp_device* device, int64_t rows, int64_t size, const float* x, const float* dy,
                                      float epsilon, float* dw, float* db) {
    const RowGroups shape{rows, size};
    double* sums = scratch(shape.sums());
    if (sums == nullptr) {
        return SP_OUT_OF_MEMORY;
    }
    const LayerNormWeightGradient a{shape, x, dy, epsilon, sums, dw, db};
    if (rows > 0) {
        device->run(device->kernels.layer_norm_weight_gradient_sums, a, shape.count(), 12 * rows * size / shape.count());
    }
    return device->run(device->kernels.layer_norm_weight_gradient, a, blocks(size), 4 * kBlock * shape.count());
}

int32_t sp_dropout(sp_device* device, int64_t n, int64_t d, const float* x, const int32_t* indices, uint64_t seed,
                   uint32_t stream, uint32_t layer, float probability, float* y) {
    const Dropout a{d, x, indices, seed, stream, layer, probability, y};
    return device->rows(device->kernels.dropout, a, n, 20 * d, values(2 * d));
}

int32_t sp_recurrent_forward(sp_device* device, int64_t n, int32_t cell, int64_t steps, int64_t hidden, float* gates,
                             const float* u, const float* c, float* states, float* memory) {
    const int64_t gate_size = gates_of(cell) * hidden;
    float* prepared = float_scratch(sp_dense_prepared_length(hidden, gate_size));
    if (prepared == nullptr) {
        return SP_OUT_OF_MEMORY;
    }
    sp_dense_prepare(device, hidden, gate_size, u, prepared);
    const RecurrentForward a{cell, steps, hidden, gates, prepared, c, states, memory};
    return device->run(device->kernels.recurrent_forward, a, n, 2 * steps * gate_size * (hidden + 10));
}

int32_t sp_recurrent_backward(sp_device* device, int64_t n, int32_t cell, int64_t steps, int64_t hidden,
                              const float* gates, const float* u, const float* states, const float* memory,
                              const float* dstates, int32_t all, float* dgates, float* dhidden) {
    const int64_t gate_size = gates_of(cell) * hidden;
    float* carry = float_scratch(n * 2 * hidden);
    if (carry == nullptr) {
        return SP_OUT_OF_MEMORY;
    }
    const RecurrentBackward a{cell, steps, hidden, gates, u, states, memory, dstates, all != 0, dgates, dhidden, carry};
    return device->run(device->kernels.recurrent_backward, a, n, 2 * steps * gate_size * (hidden + 10));
}

int32_t sp_recurrent_weight_gradient(sp_device* device, int64_t n, int32_t cell, int64_t steps, int64_t hidden,
                                     const float* states, const float* dhidden, float* du, float* dc) {
    const int64_t gate_size = gates_of(cell) * hidden;
    const RecurrentWeightGradient a{n, steps, hidden, gate_size, states, dhidden, du, dc};
    return device->run(device->kernels.recurrent_weight_gradient, a, panels(hidden), 2 * n * steps * gate_size * kPanel);
}

int32_t sp_softmax_cross_entropy(sp_device* device, int64_t n, int64_t c, const float* z, const int32_t* labels,
                                 float factor, int32_t rescaled, float* loss, float* gradient) {
    const LossFromLogits a{c, z, labels, factor, rescaled, loss, gradient};
    return device->rows(device->kernels.softmax_cross_entropy, a, n, 100 * c, values(2 * c));
}

int32_t sp_mean_squared_error(sp_device* device, int64_t n, int64_t c, const float* z, const int32_t* labels,
                              float factor, float* loss, float* gradient) {
    const LossFromLogits a{c, z, labels, factor, 0, loss, gradient};
    return device->rows(device->kernels.mean_squared_error, a, n, 10 * c, values(2 * c));
}

int32_t sp_margin(sp_device* device, int64_t n, int64_t c, const float* z, const int32_t* labels, float factor,
                  float* loss, float* gradient) {
    const LossFromLogits a{c, z, labels, factor, 0, loss, gradient};
    return device->rows(device->kernels.margin, a, n, 10 * c, values(2 * c));
}

int32_t sp_arg_max(sp_device* device, int64_t n, int64_t c, const float* z, int32_t* out) {
    return device->rows(device->kernels.arg_max, ArgMax{c, z, out}, n, 4 * c, values(c));
}

int32_t sp_linf_step(sp_device* device, int64_t n, int64_t d, const float* gradient, const float* origin,
                     float step_size, float epsilon, const int32_t* beaten, int32_t* zero_gradients, float* x) {
    const Step a{d, gradient, origin, step_size, epsilon, 0, beaten, zero_gradients, x};
    return device->rows(device->kernels.linf_step, a, n, 20 * d, values(4 * d));
}

int32_t sp_l2_step(sp_device* device, int64_t n, int64_t d, const float* gradient, const float* origin,
                   float step_size, float epsilon, const int32_t* beaten, int32_t* zero_gradients, float* x) {
    const Step a{d, gradient, origin, step_size, epsilon, 0, beaten, zero_gradients, x};
    return device->rows(device->kernels.l2_step, a, n, 40 * d, values(4 * d));
}

int32_t sp_l1_step(sp_device* device, int64_t n, int64_t d, const float* gradient, const float* origin,
                   float step_size, float epsilon, int64_t top, const int32_t* beaten, int32_t* zero_gradients,
                   float* x) {
    const Step a{d, gradient, origin, step_size, epsilon, top, beaten, zero_gradients, x};
    return device->rows(device->kernels.l1_step, a, n, 200 * d, values(4 * d));
}

int32_t sp_random_start(sp_device* device, int32_t norm, int64_t n, int64_t d, const float* origin,
                        const int32_t* indices, float epsilon, uint64_t seed, uint32_t stream, uint32_t restart,
                        float* x) {
    const RandomStart a{norm, d, origin, indices, epsilon, seed, stream, restart, x};
    return device->rows(device->kernels.random_start, a, n, 40 * d, values(2 * d));
}

int32_t sp_random_words(sp_device* device, int64_t n, int64_t d, const int32_t* indices, uint64_t seed,
                        uint32_t stream, uint32_t restart, uint32_t* words) {
    const RandomWords a{d, indices, seed, stream, restart, words};
    return device->run(device->kernels.random_words, a, n, 20 * d);
}

int32_t sp_keep_iterate(sp_device* device, int64_t n, int64_t d, int64_t c, const float* x, const float* z,
                        const int32_t* labels, const float* loss, int32_t targeted, int32_t step, float* best_x,
                        float* best_objective, int32_t* beaten) {
    const KeepIterate a{d, c, x, z, labels, loss, targeted, step, best_x, best_objective, beaten};
    return device->rows(device->kernels.keep_iterate, a, n, d, values(2 * d));
}

int32_t sp_iterate_dense_stack(sp_device* device, int32_t layers, const sp_dense_layer* stack, const sp_loop* loop) {
    const IterateDenseStack a{layers, stack, loop, device->tile(layers, stack)};
    return device->run(device->kernels.iterate_dense_stack, a, loop->n, pass_cost(layers, stack) * (int64_t{loop->steps} + 1));
}

int32_t sp_update_dense_stack(sp_device* device, int32_t layers, const sp_dense_layer* stack,
                              const sp_update* update) {
    const UpdateDenseStack a{layers,
                             stack,
                             update,
                             {update->learning_rate, update->momentum, update->weight_decay, update->nesterov != 0,
                              update->step == 1},
                             adam_factors(update->learning_rate, update->beta1, update->beta2, update->stabilizer,
                                          update->weight_decay, update->decoupled, update->step),
                             device->tile(layers, stack)};
    device->run(device->kernels.update_dense_stack_rows, a, update->n, pass_cost(layers, stack));
    int64_t units = 0;
    for (int32_t i = 0; i < layers; ++i) {
        units += panels(stack[i].in);
    }
    return device->run(device->kernels.update_dense_stack_weights, a, units,
                       update->n * pass_cost(layers, stack) / 2 / units);
}

int32_t sp_sgd(sp_device* device, int64_t length, const float* gradient, float learning_rate, float momentum,
               int32_t nesterov, float weight_decay, int64_t step, float* velocity, float* p) {
    const Sgd a{length, gradient, {learning_rate, momentum, weight_decay, nesterov != 0, step == 1}, velocity, p};
    return device->run(device->kernels.sgd, a, blocks(length), 4 * kBlock);
}

int32_t sp_adam(sp_device* device, int64_t length, const float* gradient, float learning_rate, float beta1,
                float beta2, float stabilizer, float weight_decay, int32_t decoupled, int64_t step, float* m, float* v,
                float* p) {
    const Adam a{length, gradient,
                 adam_factors(learning_rate, beta1, beta2, stabilizer, weight_decay, decoupled, step), m, v, p};
    return device->run(device->kernels.adam, a, blocks(length), 12 * kBlock);
}

int32_t sp_gather_bytes(sp_device* device, int64_t n, int64_t d, const uint8_t* source, const int32_t* indices,
                        float* out) {
    return device->run(device->kernels.gather_bytes, GatherBytes{d, source, indices, out}, n, d);
}

int32_t sp_gather_floats(sp_device* device, int64_t n, int64_t d, const float* source, const int32_t* indices,
                         float* out) {
    device->flush();
    device->pool.run(n, d, [=](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            std::memcpy(out + i * d, source + indices[i] * d, sizeof(float) * static_cast<size_t>(d));
        }
    });
    return SP_OK;
}

int32_t sp_gather_ints(sp_device* device, int64_t n, const int32_t* source, const int32_t* indices, int32_t* out) {
    device->flush();
    for (int64_t i = 0; i < n; ++i) {
        out[i] = source[indices[i]];
    }
    return SP_OK;
}

int32_t sp_copy(sp_device* device, int64_t bytes, const void* source, void* target) {
    const auto* from = static_cast<const char*>(source);
    auto* to = static_cast<char*>(target);
    return device->elements(bytes, 1, 2, [=](int64_t begin, int64_t end) {
        std::memcpy(to + begin, from + begin, static_cast<size_t>(end - begin));
    });
}

int32_t sp_sum(sp_device* device, int64_t length, const float* x, float* out) {
    device->flush();
    double total = 0.0;
    for (int64_t i = 0; i < length; i += 32) {
        double chunk = 0.0;
        for (int64_t j = i; j < std::min(length, i + 32); ++j) {
            chunk += static_cast<double>(x[j]);
        }
        total += chunk;
    }
    *out = static_cast<float>(total);
    return SP_OK;
}

}  // extern "C"
