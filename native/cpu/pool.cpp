#include "pool.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace sp {

namespace {

// Operations below which waking another thread costs more than it saves (a wake-up is a few microseconds).
constexpr int64_t kWorthAThread = 100'000;
// Polls before a worker goes to sleep: some tens of microseconds, the gap between the operations of one training step.
constexpr int kSpins = 4000;

void pause() {
#if defined(__x86_64__)
    _mm_pause();
#else
    std::this_thread::yield();
#endif
}

}  // namespace

Pool::Pool(int threads) {
    try {
        workers_.reserve(static_cast<size_t>(threads - 1));
        for (int i = 1; i < threads; ++i) {
            workers_.emplace_back([this] { work(); });
        }
    } catch (...) {
        stop();  // no destructor runs, and a thread that is not joined ends the process
        throw;
    }
}

Pool::~Pool() {
    stop();
}

void Pool::stop() {
    stop_.store(true);
    ticket_.fetch_add(1);
    ticket_.notify_all();
    for (auto& worker : workers_) {
        worker.join();
    }
}

void Pool::run(int64_t units, int64_t cost, Call call, const void* body) {
    if (units <= 0) {
        return;
    }
    // (Costly units are each worth a thread: no product that could overflow.)
    const int64_t worth = cost >= kWorthAThread ? units : units * cost / kWorthAThread;
    const auto parts = static_cast<uint64_t>(std::min<int64_t>({threads(), units, worth}));
    if (parts <= 1 || !owner_.try_lock()) {
        call(body, 0, units);
        return;
    }
    std::lock_guard<std::mutex> owned(owner_, std::adopt_lock);
    call_ = call;
    body_ = body;
    units_ = units;
    done_.store(0, std::memory_order_relaxed);
    const uint32_t ticket = ticket_.load(std::memory_order_relaxed) + 1;
    state_.store(uint64_t{ticket} << 32 | parts << 16, std::memory_order_release);
    ticket_.store(ticket, std::memory_order_release);
    ticket_.notify_all();
    while (take_part()) {
    }
    for (int i = 0; i < kSpins && done_.load(std::memory_order_acquire) != parts; ++i) {
        pause();
    }
    for (uint32_t done = done_.load(std::memory_order_acquire); done != parts;
         done = done_.load(std::memory_order_acquire)) {
        done_.wait(done, std::memory_order_acquire);
    }
}

bool Pool::take_part() {
    uint64_t state = state_.load(std::memory_order_acquire);
    for (;;) {
        const auto parts = static_cast<int64_t>(state >> 16 & 0xffff);
        const auto part = static_cast<int64_t>(state & 0xffff);
        if (part >= parts) {
            return false;
        }
        if (state_.compare_exchange_weak(state, state + 1, std::memory_order_acquire)) {
            call_(body_, units_ * part / parts, units_ * (part + 1) / parts);
            if (done_.fetch_add(1, std::memory_order_release) + 1 == static_cast<uint32_t>(parts)) {
                done_.notify_one();
            }
            return true;
        }
    }
}

void Pool::work() {
    for (;;) {
        // Before stop_: who sees the ticket that stop() drew sees stop_ as well, and never waits for another.
        const uint32_t seen = ticket_.load(std::memory_order_acquire);
        if (stop_.load()) {
            return;
        }
        if (take_part()) {
            continue;
        }
        for (int i = 0; i < kSpins && ticket_.load(std::memory_order_acquire) == seen; ++i) {
            pause();
        }
        ticket_.wait(seen, std::memory_order_acquire);
    }
}

}  // namespace sp
