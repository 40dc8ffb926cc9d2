#include "runtime.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "fiber.h"

#if defined(__x86_64__)
asm(R"(
.text
.globl emu_switch
.hidden emu_switch
.type emu_switch,@function
emu_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size emu_switch, .-emu_switch
)");
#endif

namespace emu {

__thread Thread* current;

namespace {

constexpr unsigned LONGEST_SPIN = 1000000;

struct Warp;
struct Block;

struct Lane : Thread {
    Context context;
    char* stack;
    Warp* warp;
    bool started;
    uint32_t wanted;   // the mask of the warp barrier at which it waits
    uint32_t present;  // the lanes that met there
    Site site;
    std::vector<Copy> copies;      // asynchronous copies under way, oldest first
    std::vector<size_t> groups;    // how many of them each committed group holds
    std::vector<Copy> due;
    size_t uncommitted;
#if defined(EMU_ASAN)
    void* fake_stack;
#endif
#if defined(EMU_TSAN)
    void* tsan_fiber;
#endif
};

struct Warp {
    uint32_t alive, ready, gave_way, at_warp_barrier, at_block_barrier;  // sets of lanes
    Lane* lanes;
    Block* block;
    char meeting;  // its address stands for the warp's barrier
    alignas(64) unsigned char slots[3][32 * SLOT_BYTES];
};

struct Block {
    unsigned threads, alive, arrived;
    int votes, result;
    Site site;
    Warp* warps;
    unsigned warp_count;
    void* dynamic_shared;
    char meeting;
};

std::string place(Site site) {
    const char* slash = std::strrchr(site.file, '/');
    return std::string(slash ? slash + 1 : site.file) + ":" + std::to_string(site.line);
}

// Runs blocks on one host thread.
class Scheduler {
public:
    // Blocks first to first + count - 1, all alive at once. Returns what went wrong, or nothing.
    std::string run(const Kernel& kernel, const Geometry& geometry, size_t dynamic_bytes, void* const* arguments,
                    size_t first, size_t count);

    int block_barrier(bool predicate, Site site);
    uint32_t warp_barrier(uint32_t mask, Site site);
    void yield();
    [[noreturn]] void fail(const std::string& message);
    [[noreturn]] void thread_body();

private:
    void prepare(const Geometry& geometry, size_t dynamic_bytes, size_t first, size_t count);
    void drain(Warp& warp, bool reverse);
    void resume(Lane& lane);
    void suspend(bool for_good);
    void thread_returns();
    bool meet(Warp& warp, uint32_t mask);
    std::string deadlock() const;

    const Kernel* kernel_;
    void* const* arguments_;
    Stacks stacks_;
    std::vector<Lane> lanes_;
    std::vector<Warp> warps_;
    std::vector<Block> blocks_;
    std::vector<std::unique_ptr<char[]>> shared_;
    Context main_;
    std::string error_;
    char start_, end_;  // their addresses stand for the start and the end of a run
#if defined(EMU_ASAN)
    void* main_fake_stack_ = nullptr;
    const void* main_stack_ = nullptr;
    size_t main_stack_bytes_ = 0;
#endif
#if defined(EMU_TSAN)
    void* main_fiber_;
    std::vector<void*> tsan_fibers_;
#endif
};

__thread Scheduler* scheduler;

Lane& me() {
    return *static_cast<Lane*>(current);
}

void fiber_entry() {
    scheduler->thread_body();
}

void Scheduler::prepare(const Geometry& geometry, size_t dynamic_bytes, size_t first, size_t count) {
    const unsigned threads = unsigned(geometry.block.volume()), warp_count = (threads + 31) / 32;
    if (lanes_.size() < count * threads) {
        lanes_.resize(count * threads);
    }
    warps_.resize(count * warp_count);
    blocks_.resize(count);
    shared_.clear();
    stacks_.reserve(count * threads);
    for (size_t b = 0; b < count; b++) {
        const size_t id = first + b;
        const Index3 index{unsigned(id % geometry.grid.x), unsigned(id / geometry.grid.x % geometry.grid.y),
                           unsigned(id / geometry.grid.x / geometry.grid.y)};
        // Exactly as many bytes as the launch asked for, so that ASan sees the first one beyond.
        shared_.emplace_back(dynamic_bytes ? new char[dynamic_bytes] : nullptr);
        if (dynamic_bytes) {
            std::memset(shared_.back().get(), 0xff, dynamic_bytes);
        }
        Block& block = blocks_[b];
        block = {threads, threads, 0, 0, 0, {}, &warps_[b * warp_count], warp_count, shared_.back().get(), 0};
        for (unsigned w = 0; w < warp_count; w++) {
            Warp& warp = block.warps[w];
            const unsigned lanes = std::min(32u, threads - w * 32);
            warp.alive = warp.ready = lanes == 32 ? FULL_WARP : (1u << lanes) - 1;
            warp.gave_way = warp.at_warp_barrier = warp.at_block_barrier = 0;
            warp.lanes = &lanes_[b * threads + w * 32];
            warp.block = &block;
        }
        for (unsigned t = 0; t < threads; t++) {
            Lane& lane = lanes_[b * threads + t];
            lane.index = {t % geometry.block.x, t / geometry.block.x % geometry.block.y,
                          t / geometry.block.x / geometry.block.y};
            lane.block = index;
            lane.geometry = &geometry;
            lane.dynamic_shared = block.dynamic_shared;
            lane.lane = t % 32;
            lane.collectives = 0;
            lane.stack = stacks_.at(b * threads + t);
            lane.warp = &block.warps[t / 32];
            lane.started = false;
            lane.copies.clear();
            lane.groups.clear();
            lane.uncommitted = 0;
#if defined(EMU_TSAN)
            if (tsan_fibers_.size() <= b * threads + t) {
                tsan_fibers_.push_back(__tsan_create_fiber(0));
            }
            lane.tsan_fiber = tsan_fibers_[b * threads + t];
#endif
        }
    }
}

std::string Scheduler::run(const Kernel& kernel, const Geometry& geometry, size_t dynamic_bytes,
                           void* const* arguments, size_t first, size_t count) {
    scheduler = this;
    kernel_ = &kernel;
    arguments_ = arguments;
    error_.clear();
    prepare(geometry, dynamic_bytes, first, count);
#if defined(EMU_TSAN)
    main_fiber_ = __tsan_get_current_fiber();
#endif
    happens_before(&start_);
    const bool reverse = options().reverse;
    unsigned idle_rounds = 0;  // rounds in which threads did nothing but give way
    for (bool alive = true; alive && error_.empty();) {
        bool progress = false, spinning = false;
        alive = false;
        for (size_t i = 0; i < warps_.size() && error_.empty(); i++) {
            Warp& warp = warps_[reverse ? warps_.size() - 1 - i : i];
            spinning |= warp.gave_way != 0;
            progress |= (warp.ready & ~warp.gave_way) != 0;
            warp.ready |= warp.gave_way;
            warp.gave_way = 0;
            drain(warp, reverse);
            alive |= warp.alive != 0;
        }
        idle_rounds = progress ? 0 : idle_rounds + 1;
        if (alive && error_.empty() && !progress && (!spinning || idle_rounds > LONGEST_SPIN)) {
            error_ = deadlock();
        }
    }
    happens_after(&end_);
    return error_.empty() ? std::string() : std::string("kernel ") + kernel.name + ": " + error_;
}

// Runs the warp's threads until all of them wait for another warp, have returned, or gave way.
void Scheduler::drain(Warp& warp, bool reverse) {
    while (warp.ready && error_.empty()) {
        const unsigned lane = unsigned(reverse ? 31 - __builtin_clz(warp.ready) : __builtin_ctz(warp.ready));
        warp.ready &= ~(1u << lane);
        resume(warp.lanes[lane]);
    }
}

void Scheduler::resume(Lane& lane) {
    current = &lane;
    if (!lane.started) {
        lane.started = true;
#if defined(EMU_ASAN)
        lane.fake_stack = nullptr;
        __asan_unpoison_memory_region(lane.stack + GUARD_BYTES, STACK_BYTES - GUARD_BYTES);
#endif
        lane.context.prepare(lane.stack, fiber_entry);
    }
#if defined(EMU_ASAN)
    __sanitizer_start_switch_fiber(&main_fake_stack_, lane.stack, STACK_BYTES);
#endif
#if defined(EMU_TSAN)
    __tsan_switch_to_fiber(lane.tsan_fiber, 1);
#endif
    Context::swap(main_, lane.context);
#if defined(EMU_ASAN)
    __sanitizer_finish_switch_fiber(main_fake_stack_, nullptr, nullptr);
#endif
}

// Back to the scheduler, until someone makes this thread ready again.
void Scheduler::suspend(bool for_good) {
    Lane& lane = me();
    (void)for_good;
#if defined(EMU_ASAN)
    __sanitizer_start_switch_fiber(for_good ? nullptr : &lane.fake_stack, main_stack_, main_stack_bytes_);
#endif
#if defined(EMU_TSAN)
    __tsan_switch_to_fiber(main_fiber_, 1);
#endif
    Context::swap(lane.context, main_);
#if defined(EMU_ASAN)
    __sanitizer_finish_switch_fiber(lane.fake_stack, &main_stack_, &main_stack_bytes_);
#endif
}

void Scheduler::thread_body() {
#if defined(EMU_ASAN)
    __sanitizer_finish_switch_fiber(nullptr, &main_stack_, &main_stack_bytes_);
#endif
    happens_after(&start_);  // and not the end of a thread that ran earlier: nothing orders the two
    kernel_->invoke(arguments_);
    happens_before(&end_);
    thread_returns();
    suspend(true);
    std::abort();
}

void Scheduler::thread_returns() {
    Warp& warp = *me().warp;
    Block& block = *warp.block;
    warp.alive &= ~(1u << me().lane);
    block.alive--;
    if (block.arrived) {
        fail("a thread returned while others of its block wait at __syncthreads (" + place(block.site) + ")");
    }
    for (uint32_t waiting = warp.at_warp_barrier; waiting; waiting &= waiting - 1) {
        if (meet(warp, warp.lanes[__builtin_ctz(waiting)].wanted)) {
            break;
        }
    }
}

// Releases the warp barrier of that mask if every living lane of it is there.
bool Scheduler::meet(Warp& warp, uint32_t mask) {
    const uint32_t needed = mask & warp.alive;
    if ((warp.at_warp_barrier & needed) != needed) {
        return false;
    }
    for (uint32_t lanes = needed; lanes; lanes &= lanes - 1) {
        if (warp.lanes[__builtin_ctz(lanes)].wanted != mask) {
            return false;
        }
    }
    const Site site = warp.lanes[__builtin_ctz(needed)].site;
    for (uint32_t lanes = needed; lanes; lanes &= lanes - 1) {
        Lane& lane = warp.lanes[__builtin_ctz(lanes)];
        lane.present = needed;
        if (lane.site.line != site.line) {
            fail("lanes of a warp meet in different operations (" + place(site) + " and " + place(lane.site) + ")");
        }
    }
    warp.at_warp_barrier &= ~needed;
    warp.ready |= needed;
    return true;
}

uint32_t Scheduler::warp_barrier(uint32_t mask, Site site) {
    Lane& lane = me();
    Warp& warp = *lane.warp;
    if (!(mask >> lane.lane & 1)) {
        fail("lane " + std::to_string(lane.lane) + " is not in the mask of its warp operation (" + place(site) + ")");
    }
    happens_before(&warp.meeting);
    lane.wanted = mask;
    lane.site = site;
    warp.at_warp_barrier |= 1u << lane.lane;
    if (meet(warp, mask)) {
        warp.ready &= ~(1u << lane.lane);  // the last to come goes on at once
    } else {
        suspend(false);
    }
    happens_after(&warp.meeting);
    return lane.present;
}

int Scheduler::block_barrier(bool predicate, Site site) {
    Lane& lane = me();
    Block& block = *lane.warp->block;
    happens_before(&block.meeting);
    lane.site = site;
    if (block.alive != block.threads) {
        fail("__syncthreads (" + place(site) + ") reached by only part of the block: " +
             std::to_string(block.threads - block.alive) + " threads had returned");
    }
    if (block.arrived && (block.site.line != site.line || std::strcmp(block.site.file, site.file) != 0)) {
        fail("threads of a block meet at different __syncthreads (" + place(block.site) + " and " + place(site) + ")");
    }
    block.site = site;
    block.votes += predicate;
    if (++block.arrived == block.threads) {
        block.result = block.votes;
        block.votes = 0;
        block.arrived = 0;
        for (unsigned w = 0; w < block.warp_count; w++) {
            Warp& warp = block.warps[w];
            warp.ready |= warp.at_block_barrier;
            warp.at_block_barrier = 0;
        }
    } else {
        lane.warp->at_block_barrier |= 1u << lane.lane;
        suspend(false);
    }
    happens_after(&block.meeting);
    return block.result;
}

void Scheduler::yield() {
    me().warp->gave_way |= 1u << me().lane;
    suspend(false);
}

// The launch is over: its other threads never run again.
void Scheduler::fail(const std::string& message) {
    if (error_.empty()) {
        error_ = message;
    }
    happens_before(&end_);
    suspend(true);
    std::abort();
}

std::string Scheduler::deadlock() const {
    unsigned block_waiters = 0, warp_waiters = 0, returned = 0, spinning = 0;
    std::string where;
    for (const Warp& warp : warps_) {
        block_waiters += unsigned(__builtin_popcount(warp.at_block_barrier));
        warp_waiters += unsigned(__builtin_popcount(warp.at_warp_barrier));
        spinning += unsigned(__builtin_popcount(warp.gave_way));
        const uint32_t waiting = warp.at_warp_barrier | warp.at_block_barrier;
        if (waiting && where.empty()) {
            where = ", the first at " + place(warp.lanes[__builtin_ctz(waiting)].site);
        }
    }
    for (const Block& block : blocks_) {
        returned += block.threads - block.alive;
    }
    return "deadlock: " + std::to_string(block_waiters) + " threads wait at __syncthreads, " +
           std::to_string(warp_waiters) + " at a warp operation, " + std::to_string(spinning) + " spin, " +
           std::to_string(returned) + " have returned" + where;
}

// ---- host threads ----

std::mutex launch_lock;

Scheduler& scheduler_of(unsigned worker) {
    static auto* schedulers = new std::vector<std::unique_ptr<Scheduler>>;
    while (schedulers->size() <= worker) {
        schedulers->push_back(std::make_unique<Scheduler>());
    }
    return *(*schedulers)[worker];
}

// Threads that last as long as the process: a kernel's static shared arrays are theirs.
class Workers {
public:
    // Calls job(1) to job(count - 1) on workers and job(0) here.
    void run(unsigned count, const std::function<void(unsigned)>& job) {
        std::unique_lock<std::mutex> lock(mutex_);
        while (threads_ + 1 < count) {
            threads_++;
            std::thread(&Workers::loop, this, threads_).detach();
        }
        job_ = &job;
        count_ = count;
        left_ = count - 1;
        generation_++;
        changed_.notify_all();
        lock.unlock();
        job(0);
        lock.lock();
        changed_.wait(lock, [this] { return left_ == 0; });
    }

private:
    void loop(unsigned number) {
        std::unique_lock<std::mutex> lock(mutex_);
        for (uint64_t seen = 0;;) {
            changed_.wait(lock, [&] { return generation_ != seen && (number < count_ || left_ == 0); });
            seen = generation_;
            if (number >= count_) {
                continue;
            }
            const auto* job = job_;
            lock.unlock();
            (*job)(number);
            lock.lock();
            left_--;
            changed_.notify_all();
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    const std::function<void(unsigned)>* job_ = nullptr;
    unsigned threads_ = 0, count_ = 0, left_ = 0;
    uint64_t generation_ = 0;
};

std::map<std::string, Kernel>& registry() {
    static std::map<std::string, Kernel> kernels;
    return kernels;
}

}  // namespace

void register_kernel(const Kernel& kernel) {
    registry()[kernel.name] = kernel;
}

const Kernel* find_kernel(const char* name) {
    const auto found = registry().find(name);
    return found == registry().end() ? nullptr : &found->second;
}

Options& options() {
    static Options chosen = [] {
        const char* order = std::getenv("EMU_ORDER");
        const char* workers = std::getenv("EMU_WORKERS");
        const unsigned processors = std::max(1u, std::thread::hardware_concurrency());
        return Options{order && !std::strcmp(order, "reverse"),
                       workers ? unsigned(std::max(1, std::atoi(workers))) : processors};
    }();
    return chosen;
}

LaunchResult launch(const Kernel& kernel, Extent3 grid, Extent3 block, size_t dynamic_shared_bytes,
                    void* const* arguments, bool cooperative) {
    std::lock_guard<std::mutex> one_at_a_time(launch_lock);
    const Geometry geometry{grid, block};
    const size_t blocks = grid.volume();
    const auto run = [&](unsigned worker, size_t first, size_t count) {
        return scheduler_of(worker).run(kernel, geometry, dynamic_shared_bytes, arguments, first, count);
    };
    if (cooperative) {
        const std::string error = run(0, 0, blocks);
        return {error.empty(), error};
    }
    std::atomic<size_t> next{0};
    std::mutex error_lock;
    std::string first_error;
    const auto work = [&](unsigned worker) {
        for (size_t turn; (turn = next++) < blocks;) {
            const std::string error = run(worker, options().reverse ? blocks - 1 - turn : turn, 1);
            if (!error.empty()) {
                std::lock_guard<std::mutex> lock(error_lock);
                if (first_error.empty()) {
                    first_error = error;
                }
                next = blocks;
            }
        }
    };
#if defined(EMU_PARALLEL)
    const unsigned count = unsigned(std::min<size_t>(options().workers, blocks));
    scheduler_of(count);  // made before the workers look for theirs
    static auto* workers = new Workers;
    if (count > 1) {
        workers->run(count, work);
    } else {
        work(0);
    }
#else
    work(0);
#endif
    return {first_error.empty(), first_error};
}

int block_barrier(bool predicate, Site site) {
    return scheduler->block_barrier(predicate, site);
}

uint32_t warp_barrier(uint32_t mask, Site site) {
    return scheduler->warp_barrier(mask, site);
}

unsigned char* warp_slots(unsigned buffer) {
    return me().warp->slots[buffer];
}

void yield() {
    scheduler->yield();
}

void trap(const std::string& message) {
    scheduler->fail(message);
}

void queue_copy(const Copy& copy) {
    me().copies.push_back(copy);
    me().uncommitted++;
}

void commit_copies() {
    me().groups.push_back(me().uncommitted);
    me().uncommitted = 0;
}

std::pair<const Copy*, size_t> due_copies(unsigned pending) {
    Lane& lane = me();
    if (lane.groups.size() <= pending) {
        return {nullptr, 0};
    }
    const size_t finished = lane.groups.size() - pending;
    size_t count = 0;
    for (size_t group = 0; group < finished; group++) {
        count += lane.groups[group];
    }
    const auto end = lane.copies.begin() + std::ptrdiff_t(count);
    lane.due.assign(lane.copies.begin(), end);
    lane.copies.erase(lane.copies.begin(), end);
    lane.groups.erase(lane.groups.begin(), lane.groups.begin() + std::ptrdiff_t(finished));
    return {lane.due.data(), lane.due.size()};
}

}  // namespace emu
