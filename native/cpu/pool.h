// A worker pool for short parallel loops. A loop is cut into one contiguous range a thread; whoever is free takes the next
// range, the caller too, so that on a busy machine a loop never waits for a worker that is not running. No operation's
// result depends on who does what, or on where the cuts are.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace sp {

class Pool {
public:
    explicit Pool(int threads);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    // Calls body(begin, end) over [0, units) on as many threads as the work is worth; cost: operations a unit. If
    // another caller holds the workers, the calling thread does all of it itself.
    template <class Body>
    void run(int64_t units, int64_t cost, const Body& body) {
        run(units, cost, [](const void* b, int64_t begin, int64_t end) {
            (*static_cast<const Body*>(b))(begin, end);
        }, &body);
    }

    int threads() const { return static_cast<int>(workers_.size()) + 1; }

private:
    using Call = void (*)(const void* body, int64_t begin, int64_t end);

    void run(int64_t units, int64_t cost, Call call, const void* body);
    void work();
    void stop();
    bool take_part();

    std::vector<std::thread> workers_;
    std::mutex owner_;
    // The current loop: written by its owner before state_ offers its parts, and stable until all of them are done.
    Call call_ = nullptr;
    const void* body_ = nullptr;
    int64_t units_ = 0;
    // ticket << 32 | parts << 16 | next part: a part is taken by raising `next`, which fails once the loop is another.
    alignas(64) std::atomic<uint64_t> state_{0};
    alignas(64) std::atomic<uint32_t> ticket_{0};
    alignas(64) std::atomic<uint32_t> done_{0};
    std::atomic<bool> stop_{false};
};

}  // namespace sp
