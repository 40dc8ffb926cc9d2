// Streams and events. Work waits in its stream's queue until something waits for it, so that a missing synchronisation
// shows; with EMU_LAZY=0 it runs at once.
#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>

#include "state.h"

namespace emu {
namespace {

double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void run_first(Stream& stream) {
    Context& context = *stream.context;
    const Operation operation = std::move(stream.queue.front());
    stream.queue.pop_front();
    if (context.sticky != CUDA_SUCCESS) {
        return;  // nothing runs in a spoilt context
    }
    context.sticky = operation();
}

// Runs what stands before the mark in its stream.
void run_to(const Mark& mark) {
    while (!mark.reached && !mark.stream->queue.empty()) {
        run_first(*mark.stream);
    }
}

Event& event_of(CUevent handle) {
    auto* event = reinterpret_cast<Event*>(handle);
    require(world().events.count(event), CUDA_ERROR_INVALID_HANDLE);
    return *event;
}

Event& timed(CUevent handle) {
    Event& event = event_of(handle);
    require(!(event.flags & CU_EVENT_DISABLE_TIMING) && event.mark, CUDA_ERROR_INVALID_HANDLE);
    return event;
}

void join(std::vector<size_t>& tail, const std::vector<size_t>& other) {
    for (size_t node : other) {
        if (std::find(tail.begin(), tail.end(), node) == tail.end()) {
            tail.push_back(node);
        }
    }
}

}  // namespace

Stream& stream_of(CUstream handle) {
    Context& context = current_context();
    if (!handle || handle == CU_STREAM_LEGACY || handle == CU_STREAM_PER_THREAD) {
        return context.legacy;
    }
    auto* stream = reinterpret_cast<Stream*>(handle);
    require(world().streams.count(stream) && stream->context == &context, CUDA_ERROR_INVALID_HANDLE);
    return *stream;
}

// The legacy stream and the blocking ones run in the order of their calls.
void legacy_barrier(Stream& stream) {
    Context& context = *stream.context;
    if (&stream != &context.legacy) {
        if (!stream.non_blocking()) {
            while (!context.legacy.queue.empty()) {
                run_first(context.legacy);
            }
        }
        return;
    }
    for (Stream* other : world().streams) {
        if (other->context != &context || other->non_blocking()) {
            continue;
        }
        if (other->capture) {
            spoil(*other->capture);
            fail(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, "the legacy stream is used while a blocking stream is captured");
        }
        while (!other->queue.empty()) {
            run_first(*other);
        }
    }
}

void enqueue(Stream& stream, CUgraphNodeType type, Operation operation, int64_t to_device, int64_t to_host) {
    if (stream.capture) {
        require(stream.capture->valid, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
        auto& nodes = stream.capture->graph.nodes;
        nodes.push_back({type, std::move(operation), stream.tail, to_device, to_host});
        stream.tail = {nodes.size() - 1};
        return;
    }
    legacy_barrier(stream);
    stream.queue.push_back(std::move(operation));
    if (!switches().lazy) {
        run_all(stream);
    }
}

void run_all(Stream& stream) {
    while (!stream.queue.empty()) {
        run_first(stream);
    }
    require(stream.context->sticky == CUDA_SUCCESS, stream.context->sticky);
}

void run_all(Context& context) {
    while (!context.legacy.queue.empty()) {
        run_first(context.legacy);
    }
    for (Stream* stream : world().streams) {
        while (stream->context == &context && !stream->queue.empty()) {
            run_first(*stream);
        }
    }
    require(context.sticky == CUDA_SUCCESS, context.sticky);
}

}  // namespace emu

using namespace emu;

DRIVER_CALL cuStreamCreateWithPriority(CUstream* out, unsigned flags, int priority) {
    return guarded([&] {
        Context& context = current_context();
        require(flags <= CU_STREAM_NON_BLOCKING, CUDA_ERROR_INVALID_VALUE);
        auto* stream = new Stream{&context, flags, priority, world().next_id++, {}, nullptr, {}};
        world().streams.insert(stream);
        *out = reinterpret_cast<CUstream>(stream);
    });
}

DRIVER_CALL cuStreamCreate(CUstream* out, unsigned flags) {
    return cuStreamCreateWithPriority(out, flags, 0);
}

DRIVER_CALL cuStreamDestroy_v2(CUstream handle) {
    return guarded([&] {
        auto* stream = reinterpret_cast<Stream*>(handle);
        require(world().streams.count(stream), CUDA_ERROR_INVALID_HANDLE);
        if (stream->capture) {
            spoil(*stream->capture);
        }
        const CUresult result = guarded([&] { run_all(*stream); });
        world().streams.erase(stream);
        delete stream;
        require(result == CUDA_SUCCESS, result);
    });
}

DRIVER_CALL cuStreamSynchronize(CUstream handle) {
    return guarded([&] {
        Stream& stream = stream_of(handle);
        count(SYNCHRONISATIONS);
        if (stream.capture) {
            spoil(*stream.capture);
            fail(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "cuStreamSynchronize on a stream that is captured");
        }
        refuse_in_capture("cuStreamSynchronize");
        if (&stream == &stream.context->legacy) {
            legacy_barrier(stream);
        }
        run_all(stream);
    });
}

DRIVER_CALL cuStreamQuery(CUstream handle) {
    return guarded([&] {
        Stream& stream = stream_of(handle);
        if (stream.capture) {
            spoil(*stream.capture);
            fail(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "cuStreamQuery on a stream that is captured");
        }
        if (stream.queue.empty()) {
            return;
        }
        run_first(stream);  // who polls sees the work go on
        require(stream.context->sticky == CUDA_SUCCESS, stream.context->sticky);
        require(stream.queue.empty(), CUDA_ERROR_NOT_READY);
    });
}

DRIVER_CALL cuStreamGetFlags(CUstream handle, unsigned* flags) {
    return guarded([&] { *flags = stream_of(handle).flags; });
}
DRIVER_CALL cuStreamGetPriority(CUstream handle, int* priority) {
    return guarded([&] { *priority = stream_of(handle).priority; });
}
DRIVER_CALL cuStreamGetId(CUstream handle, unsigned long long* id) {
    return guarded([&] { *id = stream_of(handle).id; });
}
DRIVER_CALL cuStreamGetCtx(CUstream handle, CUcontext* context) {
    return guarded([&] { *context = reinterpret_cast<CUcontext>(stream_of(handle).context); });
}

DRIVER_CALL cuLaunchHostFunc(CUstream handle, CUhostFn function, void* data) {
    return guarded([&] {
        enqueue(stream_of(handle), CU_GRAPH_NODE_TYPE_HOST, [=] {
            function(data);
            return CUDA_SUCCESS;
        });
    });
}

// ---- events ----

DRIVER_CALL cuEventCreate(CUevent* out, unsigned flags) {
    return guarded([&] {
        auto* event = new Event{&current_context(), flags, nullptr, nullptr, {}};
        world().events.insert(event);
        *out = reinterpret_cast<CUevent>(event);
    });
}

DRIVER_CALL cuEventDestroy_v2(CUevent handle) {
    return guarded([&] {
        Event& event = event_of(handle);
        world().events.erase(&event);
        delete &event;
    });
}

DRIVER_CALL cuEventRecord(CUevent handle, CUstream stream_handle) {
    return guarded([&] {
        Event& event = event_of(handle);
        Stream& stream = stream_of(stream_handle);
        require(event.context == stream.context, CUDA_ERROR_INVALID_HANDLE);
        if (stream.capture) {
            require(stream.capture->valid, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
            event.mark = nullptr;
            event.capture = stream.capture;
            event.tail = stream.tail;
            return;
        }
        event.capture = nullptr;
        event.mark = std::make_shared<Mark>(Mark{&stream});
        enqueue(stream, CU_GRAPH_NODE_TYPE_EVENT_RECORD, [mark = event.mark] {
            mark->reached = true;
            mark->seconds = now();
            return CUDA_SUCCESS;
        });
    });
}

DRIVER_CALL cuEventRecordWithFlags(CUevent event, CUstream stream, unsigned flags) {
    return flags ? CUDA_ERROR_NOT_SUPPORTED : cuEventRecord(event, stream);
}

DRIVER_CALL cuEventSynchronize(CUevent handle) {
    return guarded([&] {
        const Event& event = event_of(handle);
        count(SYNCHRONISATIONS);
        require(!event.capture, CUDA_ERROR_CAPTURED_EVENT);
        refuse_in_capture("cuEventSynchronize");
        if (event.mark) {
            run_to(*event.mark);
        }
        require(event.context->sticky == CUDA_SUCCESS, event.context->sticky);
    });
}

DRIVER_CALL cuEventQuery(CUevent handle) {
    return guarded([&] {
        const Event& event = event_of(handle);
        require(!event.capture, CUDA_ERROR_CAPTURED_EVENT);
        refuse_in_capture("cuEventQuery");
        require(event.context->sticky == CUDA_SUCCESS, event.context->sticky);
        if (event.mark && !event.mark->reached) {
            run_first(*event.mark->stream);
            require(event.context->sticky == CUDA_SUCCESS, event.context->sticky);
            require(event.mark->reached, CUDA_ERROR_NOT_READY);
        }
    });
}

DRIVER_CALL cuEventElapsedTime(float* milliseconds, CUevent from, CUevent to) {
    return guarded([&] {
        const Mark &start = *timed(from).mark, &end = *timed(to).mark;
        require(start.reached && end.reached, CUDA_ERROR_NOT_READY);
        *milliseconds = float((end.seconds - start.seconds) * 1e3);
    });
}

DRIVER_CALL cuStreamWaitEvent(CUstream stream_handle, CUevent handle, unsigned) {
    return guarded([&] {
        Stream& stream = stream_of(stream_handle);
        const Event& event = event_of(handle);
        if (event.capture) {
            require(event.capture->valid, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
            require(event.capture->origin->capture == event.capture, CUDA_ERROR_CAPTURED_EVENT);  // it is over
            if (!stream.capture) {
                stream.capture = event.capture;
                stream.tail = event.tail;
            } else if (stream.capture == event.capture) {
                join(stream.tail, event.tail);
            } else {
                spoil(*stream.capture);
                spoil(*event.capture);
                fail(CUDA_ERROR_STREAM_CAPTURE_MERGE, "cuStreamWaitEvent would merge two captures");
            }
            return;
        }
        if (stream.capture) {
            spoil(*stream.capture);
            fail(CUDA_ERROR_STREAM_CAPTURE_ISOLATION, "a captured stream waits for an event recorded outside the capture");
        }
        if (event.mark && !event.mark->reached) {
            enqueue(stream, CU_GRAPH_NODE_TYPE_WAIT_EVENT, [mark = event.mark, &stream] {
                run_to(*mark);
                return stream.context->sticky;
            });
        }
    });
}
