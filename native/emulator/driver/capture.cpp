// Stream capture and graphs. A captured stream's work becomes nodes; a node follows the last one of its stream and
// whatever its stream waited for. A graph runs in any order that keeps this (the last ready node first with
// EMU_ORDER=reverse), so that a missing dependency shows.
#include <functional>
#include <queue>
#include <thread>

#include "state.h"

namespace emu {
namespace {

size_t this_thread() {
    return std::hash<std::thread::id>()(std::this_thread::get_id());
}

std::set<Capture*> captures_of(Context* context) {
    std::set<Capture*> captures;
    for (Stream* stream : world().streams) {
        if (stream->capture && (!context || stream->context == context)) {
            captures.insert(stream->capture.get());
        }
    }
    return captures;
}

// Whether the nodes that the origin stream has reached include all of them, other streams' too.
bool joined(const Capture& capture) {
    std::vector<bool> reached(capture.graph.nodes.size());
    std::vector<size_t> open = capture.origin->tail;
    while (!open.empty()) {
        const size_t node = open.back();
        open.pop_back();
        if (!reached[node]) {
            reached[node] = true;
            const auto& after = capture.graph.nodes[node].after;
            open.insert(open.end(), after.begin(), after.end());
        }
    }
    for (Stream* stream : world().streams) {
        if (stream->capture.get() == &capture) {
            for (size_t node : stream->tail) {
                if (!reached[node]) {
                    return false;
                }
            }
        }
    }
    return true;
}

Graph& graph_of(CUgraph handle) {
    auto* graph = reinterpret_cast<Graph*>(handle);
    require(world().graphs.count(graph), CUDA_ERROR_INVALID_VALUE);
    return *graph;
}

GraphExec& executable_of(CUgraphExec handle) {
    auto* executable = reinterpret_cast<GraphExec*>(handle);
    require(world().executables.count(executable), CUDA_ERROR_INVALID_VALUE);
    return *executable;
}

}  // namespace

void spoil(Capture& capture) {
    capture.valid = false;
}

void refuse_any_capture(Context& context, const char* call) {
    const auto captures = captures_of(&context);
    for (Capture* capture : captures) {
        spoil(*capture);
    }
    if (!captures.empty()) {
        fail(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "%s while a stream is captured", call);
    }
}

void refuse_in_capture(const char* call) {
    bool refused = false;
    for (Capture* capture : captures_of(nullptr)) {
        if (capture->mode == CU_STREAM_CAPTURE_MODE_GLOBAL ||
            (capture->mode == CU_STREAM_CAPTURE_MODE_THREAD_LOCAL && capture->thread == this_thread())) {
            spoil(*capture);
            refused = true;
        }
    }
    if (refused) {
        fail(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "%s while a stream is captured", call);
    }
}

void run_graph(const Graph& graph) {
    const auto& nodes = graph.nodes;
    std::vector<size_t> missing(nodes.size());
    std::vector<std::vector<size_t>> followers(nodes.size());
    const bool reverse = options().reverse;
    const auto later = [reverse](size_t a, size_t b) { return reverse ? a < b : a > b; };
    std::priority_queue<size_t, std::vector<size_t>, decltype(later)> ready(later);
    for (size_t i = 0; i < nodes.size(); i++) {
        missing[i] = nodes[i].after.size();
        for (size_t before : nodes[i].after) {
            followers[before].push_back(i);
        }
        if (missing[i] == 0) {
            ready.push(i);
        }
    }
    while (!ready.empty()) {
        const size_t node = ready.top();
        ready.pop();
        const CUresult result = nodes[node].run();
        require(result == CUDA_SUCCESS, result);
        for (size_t follower : followers[node]) {
            if (--missing[follower] == 0) {
                ready.push(follower);
            }
        }
    }
}

}  // namespace emu

using namespace emu;

DRIVER_CALL cuStreamBeginCapture_v2(CUstream handle, CUstreamCaptureMode mode) {
    return guarded([&] {
        Stream& stream = stream_of(handle);
        require(&stream != &stream.context->legacy, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
        require(!stream.capture, CUDA_ERROR_ILLEGAL_STATE);
        stream.capture = std::make_shared<Capture>(Capture{{}, &stream, mode, this_thread()});
        stream.tail.clear();
    });
}

DRIVER_CALL cuStreamEndCapture(CUstream handle, CUgraph* out) {
    return guarded([&] {
        Stream& stream = stream_of(handle);
        *out = nullptr;
        const std::shared_ptr<Capture> capture = stream.capture;
        require(capture != nullptr, CUDA_ERROR_ILLEGAL_STATE);
        require(capture->origin == &stream, CUDA_ERROR_STREAM_CAPTURE_UNMATCHED);
        require(capture->mode == CU_STREAM_CAPTURE_MODE_RELAXED || capture->thread == this_thread(),
                CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD);
        const bool complete = joined(*capture);
        for (Stream* member : world().streams) {
            if (member->capture == capture) {
                member->capture = nullptr;
                member->tail.clear();
            }
        }
        require(capture->valid, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
        if (!complete) {
            fail(CUDA_ERROR_STREAM_CAPTURE_UNJOINED, "the capture ends while a forked stream is not joined");
        }
        auto* graph = new Graph(std::move(capture->graph));
        world().graphs.insert(graph);
        *out = reinterpret_cast<CUgraph>(graph);
    });
}

DRIVER_CALL cuStreamIsCapturing(CUstream handle, CUstreamCaptureStatus* status) {
    return guarded([&] {
        const Stream& stream = stream_of(handle);
        *status = !stream.capture          ? CU_STREAM_CAPTURE_STATUS_NONE
                  : stream.capture->valid ? CU_STREAM_CAPTURE_STATUS_ACTIVE
                                          : CU_STREAM_CAPTURE_STATUS_INVALIDATED;
    });
}

DRIVER_CALL cuGraphInstantiateWithFlags(CUgraphExec* out, CUgraph handle, unsigned long long) {
    return guarded([&] {
        Context& context = current_context();
        auto* executable = new GraphExec{&context, std::make_shared<Graph>(graph_of(handle))};
        world().executables.insert(executable);
        *out = reinterpret_cast<CUgraphExec>(executable);
    });
}

DRIVER_CALL cuGraphUpload(CUgraphExec handle, CUstream stream) {
    return guarded([&] {
        executable_of(handle);
        stream_of(stream);
    });
}

DRIVER_CALL cuGraphLaunch(CUgraphExec handle, CUstream stream_handle) {
    return guarded([&] {
        const GraphExec& executable = executable_of(handle);
        Stream& stream = stream_of(stream_handle);
        require(executable.context == stream.context, CUDA_ERROR_INVALID_CONTEXT);
        int64_t to_device = 0, to_host = 0;
        for (const Node& node : executable.graph->nodes) {
            to_device += node.bytes_to_device;
            to_host += node.bytes_to_host;
        }
        if (!stream.capture) {
            count(GRAPH_LAUNCHES);
            count(BYTES_TO_DEVICE, to_device);
            count(BYTES_TO_HOST, to_host);
        }
        enqueue(
                stream, CU_GRAPH_NODE_TYPE_GRAPH,
                [graph = executable.graph] { return guarded([&] { run_graph(*graph); }); }, to_device, to_host);
    });
}

DRIVER_CALL cuGraphDestroy(CUgraph handle) {
    return guarded([&] {
        Graph& graph = graph_of(handle);
        world().graphs.erase(&graph);
        delete &graph;
    });
}

DRIVER_CALL cuGraphExecDestroy(CUgraphExec handle) {
    return guarded([&] {
        GraphExec& executable = executable_of(handle);
        world().executables.erase(&executable);
        delete &executable;
    });
}

DRIVER_CALL cuGraphGetNodes(CUgraph handle, CUgraphNode* nodes, size_t* number) {
    return guarded([&] {
        Graph& graph = graph_of(handle);
        for (size_t i = 0; nodes && i < *number; i++) {
            nodes[i] = i < graph.nodes.size() ? reinterpret_cast<CUgraphNode>(&graph.nodes[i]) : nullptr;
        }
        if (!nodes || graph.nodes.size() < *number) {
            *number = graph.nodes.size();
        }
    });
}

DRIVER_CALL cuGraphNodeGetType(CUgraphNode handle, CUgraphNodeType* type) {
    return guarded([&] {
        const auto* node = reinterpret_cast<const Node*>(handle);
        for (const Graph* graph : world().graphs) {
            if (!graph->nodes.empty() && node >= &graph->nodes.front() && node <= &graph->nodes.back()) {
                *type = node->type;
                return;
            }
        }
        throw Failure{CUDA_ERROR_INVALID_VALUE};
    });
}
