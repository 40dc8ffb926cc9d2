// The driver's objects. A handle that the program holds is the address of one; each kind has a set of the living ones,
// so that a stale or foreign handle is refused and never followed.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "../runtime.h"
#include "api.h"
#include "image.h"
#include "switches.h"

namespace emu {

struct Context;
struct Stream;

using Operation = std::function<CUresult()>;

// What cuEventRecord puts into a stream; a later record of the same event makes a new one.
struct Mark {
    Stream* stream;
    bool reached = false;
    double seconds = 0;
};

// A node runs after its predecessors (indices of earlier nodes).
struct Node {
    CUgraphNodeType type;
    Operation run;
    std::vector<size_t> after;
    int64_t bytes_to_device = 0, bytes_to_host = 0;
};

struct Graph {
    std::vector<Node> nodes;
};

struct Capture {
    Graph graph;
    Stream* origin;
    CUstreamCaptureMode mode;
    size_t thread;  // that began it
    bool valid = true;
};

struct Stream {
    Context* context;
    unsigned flags;
    int priority;
    unsigned long long id;
    std::deque<Operation> queue;
    std::shared_ptr<Capture> capture;
    std::vector<size_t> tail;  // while capturing: the nodes that the next one follows
    bool non_blocking() const { return flags & CU_STREAM_NON_BLOCKING; }
};

struct Event {
    Context* context;
    unsigned flags;
    std::shared_ptr<Mark> mark;        // of the last record, null before it
    std::shared_ptr<Capture> capture;  // where that record was captured
    std::vector<size_t> tail;
};

struct Function {
    struct Module* module;
    const Kernel* kernel;
    ImageKernel image;
    int dynamic_limit;  // bytes of dynamic shared memory that a launch may ask for
};

struct Module {
    Context* context;
    std::map<std::string, std::unique_ptr<Function>> functions;
};

struct GraphExec {
    Context* context;
    std::shared_ptr<const Graph> graph;
};

struct Context {
    int device;
    bool primary;
    unsigned long long id;
    CUresult sticky = CUDA_SUCCESS;  // after a failed kernel every call returns it
    Stream legacy;
    std::map<CUdeviceptr, size_t> allocations;
};

// The living objects of each kind.
struct World {
    std::set<Context*> contexts;
    std::set<Stream*> streams;  // without the legacy ones
    std::set<Event*> events;
    std::set<Module*> modules;
    std::set<Function*> functions;
    std::set<Graph*> graphs;
    std::set<GraphExec*> executables;
    std::map<void*, size_t> pinned;
    uint64_t used[2] = {0, 0};  // bytes of each device
    Context* primary[2] = {nullptr, nullptr};
    int primary_users[2] = {0, 0};
    bool initialised = false;
    int64_t leaked = 0;  // allocations alive when their context was destroyed
    unsigned long long next_id = 1;
};
World& world();

// ---- context.cpp ----
Context& current_context();  // fails where there is none, where it is gone, and with its sticky error
Context* current_context_or_null();
std::vector<Context*>& context_stack();  // this thread's
void check_device(int device);

// ---- stream.cpp ----
Stream& stream_of(CUstream handle);
// Runs it now or later, or adds it to the capture that the stream is in.
void enqueue(Stream& stream, CUgraphNodeType type, Operation operation, int64_t to_device = 0, int64_t to_host = 0);
void run_all(Stream& stream);       // until its queue is empty; then fails with the context's sticky error, if any
void run_all(Context& context);     // of all its streams
void legacy_barrier(Stream& stream);  // the order between the legacy stream and the blocking ones

// ---- capture.cpp ----
// Calls that would wait for the device or change its memory are errors while a stream is captured, and spoil the capture.
void refuse_in_capture(const char* call);
void refuse_any_capture(Context& context, const char* call);
void spoil(Capture& capture);
void run_graph(const Graph& graph);  // throws Failure

// ---- memory.cpp ----
void release_memory(Context& context);  // reports what was not freed

}  // namespace emu
