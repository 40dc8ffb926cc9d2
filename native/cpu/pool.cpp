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
    for (int i = 1; i < threads; ++i) {
        workers_.emplace_back([this, i] { work(i); });
    }
}

Pool::~Pool() {
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
    const int64_t worth = units * cost / kWorthAThread;
    const int parts = static_cast<int>(std::min<int64_t>({threads(), units, worth}));
    if (parts <= 1 || !owner_.try_lock()) {
        call(body, 0, units);
        return;
    }
    std::lock_guard<std::mutex> owned(owner_, std::adopt_lock);
    call_ = call;
    body_ = body;
    units_ = units;
    parts_ = parts;
    pending_.store(static_cast<int>(workers_.size()), std::memory_order_relaxed);
    ticket_.fetch_add(1, std::memory_order_release);
    ticket_.notify_all();
    call(body, 0, units / parts);
    while (pending_.load(std::memory_order_acquire) != 0) {
        pause();
    }
}

void Pool::work(int worker) {
    uint32_t seen = 0;
    for (;;) {
        for (int i = 0; i < kSpins && ticket_.load(std::memory_order_acquire) == seen; ++i) {
            pause();
        }
        ticket_.wait(seen, std::memory_order_acquire);
        ++seen;
        if (stop_.load()) {
            return;
        }
        if (worker < parts_) {
            call_(body_, units_ * worker / parts_, units_ * (worker + 1) / parts_);
        }
        pending_.fetch_sub(1, std::memory_order_release);
    }
}

}  // namespace sp
