// The emulated driver as a program sees it: through the driver API alone.
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <thread>

#include <sys/mman.h>

#define __CUDA_API_VERSION_INTERNAL 1
#include <cuda.h>

#include "test.h"

extern "C" {
CUresult cuCtxCreate_v2(CUcontext*, unsigned, CUdevice);
int emu_set(const char* name, const char* value);
void emu_counters(int64_t* out);
void emu_reset_counters();
int64_t emu_live_allocations();
int64_t emu_leaked_allocations();
}

#define EXPECT_RESULT(call, wanted) test::expect_close(double(call), double(wanted), 0, __FILE__, __LINE__, #call)
#define EXPECT_OK(call) EXPECT_RESULT(call, CUDA_SUCCESS)

namespace {

std::vector<char> file(const char* path) {
    std::ifstream in(path, std::ios::binary);
    return std::vector<char>(std::istreambuf_iterator<char>(in), {});
}

// A context with the test kernels and a stream; all of it goes at the end of the test.
struct Device {
    CUcontext context = nullptr;
    CUmodule module = nullptr;
    CUstream stream = nullptr;

    explicit Device(unsigned flags = CU_STREAM_NON_BLOCKING) {
        cuInit(0);
        EXPECT_OK(cuCtxCreate_v2(&context, 0, 0));
        EXPECT_OK(cuModuleLoadData(&module, file(DRIVER_FATBIN).data()));
        EXPECT_OK(cuStreamCreate(&stream, flags));
        emu_reset_counters();
    }
    ~Device() { cuCtxDestroy_v2(context); }

    CUfunction function(const char* name) const {
        CUfunction found = nullptr;
        EXPECT_OK(cuModuleGetFunction(&found, module, name));
        return found;
    }
    CUresult add(int n, float addend, CUdeviceptr x, CUdeviceptr y, CUstream on = nullptr, unsigned block = 128) const {
        void* arguments[] = {&n, &addend, &x, &y};
        return cuLaunchKernel(function("driver_add"), (unsigned(n) + block - 1) / block, 1, 1, block, 1, 1, 0,
                              on ? on : stream, arguments, nullptr);
    }
};

CUdeviceptr allocate(size_t floats) {
    CUdeviceptr memory = 0;
    EXPECT_OK(cuMemAlloc_v2(&memory, floats * sizeof(float)));
    return memory;
}

float* pinned(size_t floats) {
    void* memory = nullptr;
    EXPECT_OK(cuMemHostAlloc(&memory, floats * sizeof(float), 0));
    return static_cast<float*>(memory);
}

float first(CUdeviceptr memory) {
    float value = 0;
    EXPECT_OK(cuMemcpyDtoH_v2(&value, memory, sizeof value));
    return value;
}

void fill(CUdeviceptr memory, float value, size_t floats) {
    const std::vector<float> values(floats, value);
    EXPECT_OK(cuMemcpyHtoD_v2(memory, values.data(), floats * sizeof(float)));
}

// Puts a switch back when the test ends.
struct Switch {
    const char* name;
    Switch(const char* switch_name, const char* value) : name(switch_name) { EXPECT(emu_set(name, value)); }
    ~Switch() { emu_set(name, nullptr); }
};

}  // namespace

TEST(memory_is_checked) {
    Device device;
    const CUdeviceptr x = allocate(100);
    EXPECT(std::isnan(first(x)));
    char host[500];
    EXPECT_RESULT(cuMemcpyDtoH_v2(host, x, 401), CUDA_ERROR_INVALID_VALUE);
    EXPECT_RESULT(cuMemcpyDtoH_v2(host, x + 4, 400), CUDA_ERROR_INVALID_VALUE);
    EXPECT_RESULT(cuMemcpyHtoD_v2(reinterpret_cast<CUdeviceptr>(host), host, 4), CUDA_ERROR_INVALID_VALUE);
    EXPECT_RESULT(cuMemsetD32_v2(x, 0, 101), CUDA_ERROR_INVALID_VALUE);
    EXPECT_OK(cuMemsetD32_v2(x, 0, 100));
    EXPECT_CLOSE(first(x + 396), 0, 0);
    EXPECT_RESULT(cuMemFree_v2(x + 256), CUDA_ERROR_INVALID_VALUE);
    EXPECT_OK(cuMemFree_v2(x));
    EXPECT_RESULT(cuMemFree_v2(x), CUDA_ERROR_INVALID_VALUE);
    EXPECT_RESULT(cuMemFreeHost(host), CUDA_ERROR_INVALID_VALUE);
}

TEST(memory_ends) {
    const Switch memory("EMU_MEMORY", "1000000");
    Device device;
    CUdeviceptr x = 0, y = 0;
    size_t free_bytes = 0, total = 0;
    EXPECT_OK(cuMemAlloc_v2(&x, 600000));
    EXPECT_OK(cuMemGetInfo_v2(&free_bytes, &total));
    EXPECT(free_bytes == 400000 && total == 1000000);
    EXPECT_RESULT(cuMemAlloc_v2(&y, 400001), CUDA_ERROR_OUT_OF_MEMORY);
    EXPECT_OK(cuMemAlloc_v2(&y, 400000));
    EXPECT_OK(cuMemFree_v2(x));
    EXPECT_OK(cuMemFree_v2(y));
    EXPECT(emu_live_allocations() == 0);
}

TEST(each_allocation_can_fail) {
    Device device;
    const Switch third("EMU_FAIL_ALLOC", "3");
    CUdeviceptr memory = 0;
    for (int i = 1; i <= 4; i++) {
        EXPECT_RESULT(cuMemAlloc_v2(&memory, 16), i == 3 ? CUDA_ERROR_OUT_OF_MEMORY : CUDA_SUCCESS);
    }
}

TEST(leaks_are_counted) {
    const int64_t before = emu_leaked_allocations();
    {
        Device device;
        allocate(10);
        allocate(10);
    }
    EXPECT(emu_leaked_allocations() == before + 2);
    EXPECT(emu_live_allocations() == 0);
}

TEST(work_waits_for_a_synchronisation) {
    Device device;
    const CUdeviceptr x = allocate(300), y = allocate(300);
    fill(x, 1, 300);
    EXPECT_OK(device.add(300, 2, x, y));
    EXPECT(std::isnan(first(y)));  // the stream is non-blocking: the copy does not wait for it
    EXPECT_RESULT(cuStreamQuery(device.stream), CUDA_SUCCESS);
    EXPECT_CLOSE(first(y), 3, 0);

    float* host = pinned(1);
    host[0] = 5;
    EXPECT_OK(cuMemcpyHtoDAsync_v2(x, host, 4, device.stream));
    host[0] = 7;  // too early: pinned memory is read when the stream comes to it
    EXPECT_OK(cuStreamSynchronize(device.stream));
    EXPECT_CLOSE(first(x), 7, 0);
    float pageable = 8;
    EXPECT_OK(cuMemcpyHtoDAsync_v2(x, &pageable, 4, device.stream));
    pageable = 9;  // pageable memory was read at the call
    EXPECT_OK(cuStreamSynchronize(device.stream));
    EXPECT_CLOSE(first(x), 8, 0);
    EXPECT_OK(cuMemFreeHost(host));
}

TEST(the_legacy_stream_waits_for_blocking_streams) {
    Device device(CU_STREAM_DEFAULT);
    const CUdeviceptr x = allocate(10), y = allocate(10);
    fill(x, 1, 10);
    EXPECT_OK(device.add(10, 2, x, y));
    EXPECT_CLOSE(first(y), 3, 0);
}

TEST(events_order_streams) {
    Device device;
    CUstream other = nullptr;
    CUevent event = nullptr, unordered = nullptr;
    EXPECT_OK(cuStreamCreate(&other, CU_STREAM_NON_BLOCKING));
    EXPECT_OK(cuEventCreate(&event, 0));
    EXPECT_OK(cuEventCreate(&unordered, CU_EVENT_DISABLE_TIMING));
    const CUdeviceptr x = allocate(10), y = allocate(10), z = allocate(10);
    fill(x, 1, 10);
    EXPECT_OK(device.add(10, 1, x, y));
    EXPECT_OK(cuEventRecord(event, device.stream));
    EXPECT_OK(cuStreamWaitEvent(other, event, 0));
    EXPECT_OK(device.add(10, 1, y, z, other));
    EXPECT_OK(cuStreamSynchronize(other));
    EXPECT_CLOSE(first(z), 3, 0);

    EXPECT_OK(device.add(10, 5, x, y));
    EXPECT_OK(device.add(10, 0, y, z, other));  // nothing orders it after the last one
    EXPECT_OK(cuStreamSynchronize(other));
    EXPECT_CLOSE(first(z), 2, 0);
    float milliseconds = -1;
    EXPECT_RESULT(cuEventElapsedTime(&milliseconds, event, unordered), CUDA_ERROR_INVALID_HANDLE);
    EXPECT_OK(cuEventElapsedTime(&milliseconds, event, event));
    EXPECT_CLOSE(milliseconds, 0, 0);
}

TEST(launches_are_checked) {
    Device device;
    const CUdeviceptr x = allocate(1);
    EXPECT_RESULT(device.add(1, 1, x, x, nullptr, 129), CUDA_ERROR_INVALID_VALUE);
    int threads = 0, shared = 0, registers = 0;
    EXPECT_OK(cuFuncGetAttribute(&threads, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, device.function("driver_add")));
    EXPECT_OK(cuFuncGetAttribute(&shared, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, device.function("driver_wide")));
    EXPECT_OK(cuFuncGetAttribute(&registers, CU_FUNC_ATTRIBUTE_NUM_REGS, device.function("driver_add")));
    EXPECT(threads == 128);
    EXPECT(shared == 256);
    EXPECT(registers >= 8 && registers <= 64);
    struct {
        CUdeviceptr out;
        double value;
        int index;
    } wide{x, 2.5, 0};
    void* arguments[] = {&wide};
    EXPECT_OK(cuLaunchKernel(device.function("driver_wide"), 1, 1, 1, 32, 1, 1, 0, device.stream, arguments, nullptr));
    EXPECT_OK(cuCtxSynchronize());
    EXPECT_CLOSE(first(x), 2.5, 0);
    int blocks = 0;
    EXPECT_OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, device.function("driver_add"), 128, 0));
    EXPECT(blocks == 16);
}

TEST(shared_memory_of_each_architecture) {
    const struct {
        const char* cc;
        int most;
    } limits[] = {{"80", 163}, {"86", 99}, {"89", 99}, {"90", 227}, {"120", 99}};
    for (const auto& limit : limits) {
        const Switch cc("EMU_CC", limit.cc);
        Device device;
        const CUfunction function = device.function("driver_dynamic");
        const CUdeviceptr out = allocate(1);
        const auto launch = [&](int bytes) {
            int words = bytes / 4;
            CUdeviceptr target = out;
            void* arguments[] = {&words, &target};
            return cuLaunchKernel(function, 1, 1, 1, 32, 1, 1, unsigned(bytes), device.stream, arguments, nullptr);
        };
        EXPECT_OK(launch(48 * 1024));
        EXPECT_RESULT(launch(48 * 1024 + 4), CUDA_ERROR_INVALID_VALUE);
        const auto attribute = CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
        EXPECT_RESULT(cuFuncSetAttribute(function, attribute, limit.most * 1024 + 1), CUDA_ERROR_INVALID_VALUE);
        EXPECT_OK(cuFuncSetAttribute(function, attribute, limit.most * 1024));
        EXPECT_OK(launch(limit.most * 1024));
        EXPECT_OK(cuCtxSynchronize());
        EXPECT_CLOSE(first(out), 1, 0);
    }
}

TEST(blocks_of_a_cooperative_launch_meet) {
    Device device;
    CUdeviceptr arrived = allocate(1), out = allocate(8);
    EXPECT_OK(cuMemsetD32_v2(arrived, 0, 1));
    void* arguments[] = {&arrived, &out};
    const CUfunction function = device.function("driver_meet");
    EXPECT_OK(cuLaunchCooperativeKernel(function, 8, 1, 1, 32, 1, 1, 0, device.stream, arguments));
    EXPECT_OK(cuCtxSynchronize());
    EXPECT_CLOSE(first(out + 28), 7, 0);
    EXPECT_RESULT(cuLaunchCooperativeKernel(function, 1000, 1, 1, 32, 1, 1, 0, device.stream, arguments),
                  CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE);
}

TEST(a_failed_kernel_spoils_its_context_alone) {
    CUcontext spoilt = nullptr;
    {
        Device device;
        CUdeviceptr x = allocate(1), more = 0;
        void* arguments[] = {&x};
        EXPECT_OK(cuLaunchKernel(device.function("driver_trap"), 1, 1, 1, 32, 1, 1, 0, device.stream, arguments, nullptr));
        EXPECT_RESULT(cuStreamSynchronize(device.stream), CUDA_ERROR_LAUNCH_FAILED);
        EXPECT_RESULT(cuMemAlloc_v2(&more, 4), CUDA_ERROR_LAUNCH_FAILED);
        EXPECT_RESULT(cuCtxSynchronize(), CUDA_ERROR_LAUNCH_FAILED);
        EXPECT_RESULT(cuMemFree_v2(x), CUDA_ERROR_LAUNCH_FAILED);
        spoilt = device.context;
        EXPECT(emu_live_allocations() == 0);
    }
    EXPECT_RESULT(cuCtxSetCurrent(spoilt), CUDA_ERROR_INVALID_CONTEXT);
    Device fresh;
    const CUdeviceptr x = allocate(1);
    fill(x, 1, 1);
    EXPECT_OK(fresh.add(1, 1, x, x));
    EXPECT_OK(cuStreamSynchronize(fresh.stream));
    EXPECT_CLOSE(first(x), 2, 0);
}

TEST(a_launch_can_be_made_to_fail) {
    Device device;
    const CUdeviceptr x = allocate(1);
    const Switch second("EMU_FAIL_LAUNCH", "2");
    EXPECT_OK(device.add(1, 1, x, x));
    EXPECT_OK(cuStreamSynchronize(device.stream));
    EXPECT_OK(device.add(1, 1, x, x));
    EXPECT_RESULT(cuStreamSynchronize(device.stream), CUDA_ERROR_LAUNCH_FAILED);
}

TEST(a_graph_repeats_what_was_captured) {
    Device device;
    CUstream other = nullptr;
    CUevent fork = nullptr, join = nullptr;
    EXPECT_OK(cuStreamCreate(&other, CU_STREAM_NON_BLOCKING));
    EXPECT_OK(cuEventCreate(&fork, CU_EVENT_DISABLE_TIMING));
    EXPECT_OK(cuEventCreate(&join, CU_EVENT_DISABLE_TIMING));
    const CUdeviceptr x = allocate(10), y = allocate(10), z = allocate(10);
    float* host = pinned(1);
    fill(x, 1, 10);
    CUgraph graph = nullptr;
    EXPECT_OK(cuStreamBeginCapture_v2(device.stream, CU_STREAM_CAPTURE_MODE_GLOBAL));
    EXPECT_OK(device.add(10, 1, x, x));
    EXPECT_OK(cuEventRecord(fork, device.stream));
    EXPECT_OK(cuStreamWaitEvent(other, fork, 0));
    EXPECT_OK(device.add(10, 10, x, y, other));
    EXPECT_OK(cuMemsetD32Async(z, 0, 10, device.stream));
    EXPECT_OK(cuEventRecord(join, other));
    EXPECT_OK(cuStreamWaitEvent(device.stream, join, 0));
    EXPECT_OK(cuMemcpyDtoHAsync_v2(host, y, 4, device.stream));
    EXPECT_OK(cuStreamEndCapture(device.stream, &graph));
    size_t nodes = 0;
    EXPECT_OK(cuGraphGetNodes(graph, nullptr, &nodes));
    EXPECT(nodes == 4);
    CUgraphExec executable = nullptr;
    EXPECT_OK(cuGraphInstantiateWithFlags(&executable, graph, 0));
    EXPECT_OK(cuGraphDestroy(graph));
    emu_reset_counters();
    for (int i = 0; i < 3; i++) {
        EXPECT_OK(cuGraphLaunch(executable, device.stream));
    }
    EXPECT_OK(cuGraphExecDestroy(executable));
    EXPECT_OK(cuStreamSynchronize(device.stream));
    EXPECT_CLOSE(host[0], 14, 0);
    EXPECT_CLOSE(first(z), 0, 0);
    int64_t counters[8];
    emu_counters(counters);
    const int64_t wanted[] = {0, 3, 6, 0, 0, 0, 12 + 4, 2};
    for (int i = 0; i < 8; i++) {
        EXPECT_CLOSE(double(counters[i]), double(wanted[i]), 0);
    }
    EXPECT_OK(cuMemFreeHost(host));
}

TEST(capture_refuses_what_the_real_driver_refuses) {
    const CUstreamCaptureMode global = CU_STREAM_CAPTURE_MODE_GLOBAL;
    CUgraph graph = nullptr;
    float value = 0;
    Device device;
    const CUdeviceptr x = allocate(1);
    CUdeviceptr more = 0;
    CUevent outside = nullptr;
    EXPECT_OK(cuEventCreate(&outside, 0));
    EXPECT_OK(cuEventRecord(outside, device.stream));
    const std::function<CUresult()> refused[] = {
            [&] { return cuStreamSynchronize(device.stream); },
            [&] { return cuStreamQuery(device.stream); },
            [&] { return cuCtxSynchronize(); },
            [&] { return cuMemAlloc_v2(&more, 4); },
            [&] { return cuMemFree_v2(x); },
            [&] { return cuMemcpyDtoH_v2(&value, x, 4); },
            [&] { return cuStreamWaitEvent(device.stream, outside, 0); },
    };
    for (const auto& call : refused) {
        EXPECT_OK(cuStreamBeginCapture_v2(device.stream, global));
        EXPECT(call() >= CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
        EXPECT_RESULT(device.add(1, 1, x, x), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
        EXPECT_RESULT(cuStreamEndCapture(device.stream, &graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
    }
    EXPECT_RESULT(cuStreamBeginCapture_v2(nullptr, global), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);

    CUstream other = nullptr, blocking = nullptr;
    CUevent fork = nullptr;
    EXPECT_OK(cuStreamCreate(&other, CU_STREAM_NON_BLOCKING));
    EXPECT_OK(cuStreamCreate(&blocking, CU_STREAM_DEFAULT));
    EXPECT_OK(cuEventCreate(&fork, CU_EVENT_DISABLE_TIMING));
    EXPECT_OK(cuStreamBeginCapture_v2(device.stream, global));
    EXPECT_OK(cuEventRecord(fork, device.stream));
    EXPECT_OK(cuStreamWaitEvent(other, fork, 0));
    EXPECT_OK(device.add(1, 1, x, x, other));
    EXPECT_RESULT(cuEventSynchronize(fork), CUDA_ERROR_CAPTURED_EVENT);
    EXPECT_RESULT(cuStreamEndCapture(device.stream, &graph), CUDA_ERROR_STREAM_CAPTURE_UNJOINED);

    EXPECT_OK(cuStreamBeginCapture_v2(blocking, CU_STREAM_CAPTURE_MODE_RELAXED));
    EXPECT_RESULT(cuMemsetD32_v2(x, 0, 1), CUDA_ERROR_STREAM_CAPTURE_IMPLICIT);
    EXPECT_RESULT(cuStreamEndCapture(blocking, &graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
}

TEST(contexts_stand_beside_one_another) {
    Device one;
    const CUdeviceptr x = allocate(1);
    CUstream stream = one.stream;
    {
        Device two;
        EXPECT_RESULT(cuStreamSynchronize(stream), CUDA_ERROR_INVALID_HANDLE);
    }
    EXPECT_RESULT(cuStreamSynchronize(stream), CUDA_SUCCESS);
    EXPECT_RESULT(cuMemFree_v2(x), CUDA_SUCCESS);
    CUresult elsewhere = CUDA_SUCCESS;
    std::thread([&] { elsewhere = cuStreamSynchronize(stream); }).join();
    EXPECT_RESULT(elsewhere, CUDA_ERROR_INVALID_CONTEXT);
    CUcontext primary = nullptr;
    EXPECT_OK(cuDevicePrimaryCtxRetain(&primary, 0));
    EXPECT_RESULT(cuCtxDestroy_v2(primary), CUDA_ERROR_INVALID_CONTEXT);
    EXPECT_OK(cuDevicePrimaryCtxRelease_v2(0));
}

TEST(devices_as_switched) {
    int number = 0, version = 0;
    {
        const Switch none("EMU_DEVICES", "0");
        EXPECT_RESULT(cuInit(0), CUDA_ERROR_NO_DEVICE);
    }
    {
        const Switch two("EMU_DEVICES", "2"), cc("EMU_CC", "80,120"), old("EMU_DRIVER_VERSION", "12000");
        CUdevice device = 0;
        char name[100];
        int major = 0;
        EXPECT_OK(cuInit(0));
        EXPECT_OK(cuDeviceGetCount(&number));
        EXPECT_OK(cuDeviceGet(&device, 1));
        EXPECT_OK(cuDeviceGetName(name, sizeof name, device));
        EXPECT_OK(cuDeviceGetAttribute(&major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device));
        EXPECT_OK(cuDriverGetVersion(&version));
        EXPECT(number == 2 && major == 12 && version == 12000);
        EXPECT(std::strstr(name, "Emulated") && std::strstr(name, "sm_120"));
    }
    CUdevice device = 0;
    EXPECT_RESULT(cuDeviceGet(&device, 1), CUDA_ERROR_INVALID_DEVICE);
    const char* text = nullptr;
    EXPECT_OK(cuGetErrorName(CUDA_ERROR_LAUNCH_FAILED, &text));
    EXPECT(!std::strcmp(text, "CUDA_ERROR_LAUNCH_FAILED"));
}

TEST(images_that_do_not_fit_are_refused) {
    Device device;
    CUmodule module = nullptr;
    EXPECT_RESULT(cuModuleLoadData(&module, file(SIGNATURE_FATBIN).data()), CUDA_ERROR_INVALID_IMAGE);
    EXPECT_RESULT(cuModuleLoadData(&module, ".version 9.0\n.target sm_90\n"), CUDA_ERROR_JIT_COMPILER_NOT_FOUND);
    EXPECT_RESULT(cuModuleLoad(&module, "/nonexistent"), CUDA_ERROR_FILE_NOT_FOUND);
    const Switch blackwell("EMU_CC", "100");
    EXPECT_RESULT(cuModuleLoadData(&module, file(DRIVER_FATBIN).data()), CUDA_ERROR_NO_BINARY_FOR_GPU);
}

// Headers and tables overwritten at random, and images that end early at the edge of readable memory.
TEST(corrupt_images_do_no_harm) {
    Device device;
    const std::vector<char> good = file(DRIVER_FATBIN);
    test::Random random(7);
    const size_t page = 4096, pages = (good.size() + page - 1) / page;
    char* memory = static_cast<char*>(
            mmap(nullptr, (pages + 1) * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(memory + pages * page, page, PROT_NONE);
    const std::unique_ptr<FILE, int (*)(FILE*)> quiet(freopen("/dev/null", "w", stderr), fclose);
    for (int turn = 0; turn < 400; turn++) {
        const size_t length = turn % 2 ? good.size() : size_t(random.below(int(good.size()))) + 1;
        char* image = memory + pages * page - length;
        std::memcpy(image, good.data(), length);
        for (int flip = 0; flip < turn % 20; flip++) {
            image[random.below(flip % 2 ? int(length) : int(std::min<size_t>(length, 200)))] = char(random.below(256));
        }
        CUmodule module = nullptr;
        const CUresult result = cuModuleLoadData(&module, image);
        EXPECT(result == CUDA_SUCCESS || result == CUDA_ERROR_INVALID_IMAGE || result == CUDA_ERROR_NO_BINARY_FOR_GPU ||
               result == CUDA_ERROR_JIT_COMPILER_NOT_FOUND);
        if (result == CUDA_SUCCESS) {
            cuModuleUnload(module);
        }
    }
    munmap(memory, (pages + 1) * page);
}
