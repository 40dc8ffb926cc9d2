// Operations recorded instead of run, all of which treat every example for itself: a whole attack, say. Each thread then takes
// a range of examples through all of them with no barrier in between. Operations that read few weights go depth first: as
// many examples at a time as fit the core's cache go through a run of them; those that stream weights larger than that
// cache take a block of the range at once, so that the weights come by once a block. No example's result depends on any of it, and an
// example that needs no further work may be worked on: it changes nothing of its result.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>
#include <vector>

namespace sp {

// What an operation moves.
struct Traffic {
    int64_t example;  // bytes that it reads and writes of one example
    int64_t shared;   // bytes that it reads whatever the number of examples: weights
};

class Program {
public:
    explicit Program(int64_t cache) : cache_(cache) {}

    // Examples, and where it is known which of them need no further work (negative: work on it), or null.
    void begin(int64_t examples, const int32_t* done) {
        examples_ = examples;
        done_ = done;
        clear();
    }

    void clear() {
        operations_.clear();
        bytes_.clear();
        cost_ = 0;
    }

    int64_t examples() const { return examples_; }
    bool empty() const { return operations_.empty(); }
    // Operations of one example.
    int64_t cost() const { return cost_; }

    // body(begin, end): the operation on these examples. False where memory has run out; nothing was added then.
    template <class Body>
    bool add(const Body& body, int64_t cost, Traffic traffic) {
        static_assert(std::is_trivially_copyable_v<Body> && alignof(Body) <= alignof(std::max_align_t));
        const size_t at = bytes_.size();
        const size_t rounded = (sizeof(Body) + alignof(std::max_align_t) - 1) / alignof(std::max_align_t);
        try {
            bytes_.resize(at + rounded * alignof(std::max_align_t));
            operations_.push_back({[](const std::byte* b, int64_t begin, int64_t end) {
                                       (*reinterpret_cast<const Body*>(b))(begin, end);
                                   },
                                   at, traffic});
        } catch (const std::bad_alloc&) {
            return false;
        }
        std::memcpy(bytes_.data() + at, &body, sizeof(Body));
        cost_ += cost;
        return true;
    }

    // All operations on examples [begin, end).
    void run(int64_t begin, int64_t end) const {
        const int64_t blocks = (end - begin + kBlockRows - 1) / kBlockRows;
        const int64_t rows = blocks == 0 ? 0 : ((end - begin + blocks - 1) / blocks + 7) / 8 * 8;
        for (int64_t row = begin; row < end; row += rows) {
            run_block(row, std::min(end, row + rows));
        }
    }

private:
    // Examples that go through a whole program before the next do: enough that weights which stream by cost little, few
    // enough that what is kept of them is still near at their next step.
    static constexpr int64_t kBlockRows = 64;

    void run_block(int64_t begin, int64_t end) const {
        for (size_t first = 0; first < operations_.size();) {
            const bool streams = streams_weights(operations_[first]);
            size_t last = first;
            int64_t widest = 1;
            while (last < operations_.size() && streams_weights(operations_[last]) == streams) {
                widest = std::max(widest, operations_[last++].traffic.example);
            }
            const int64_t tile = streams ? end - begin : tile_of(cache_ / 2 / widest);
            for (int64_t row = begin; row < end; row += tile) {
                run(first, last, row, std::min(end, row + tile));
            }
            first = last;
        }
    }

    struct Operation {
        void (*call)(const std::byte* body, int64_t begin, int64_t end);
        size_t at;
        Traffic traffic;
    };

    // Products take eight rows at a time: whole eights, where there are so many.
    static int64_t tile_of(int64_t fitting) {
        return fitting >= 8 ? fitting / 8 * 8 : std::max<int64_t>(1, fitting);
    }

    bool streams_weights(const Operation& operation) const { return operation.traffic.shared > cache_ / 2; }

    // Of these examples, those that still need it, in runs. Which they are is asked anew for each operation: it may have
    // been the last that one needed.
    void run(size_t first, size_t last, int64_t begin, int64_t end) const {
        for (size_t i = first; i < last; ++i) {
            const Operation& operation = operations_[i];
            for (int64_t from = next(begin, end, true); from < end;) {
                const int64_t to = run_end(from, end);
                operation.call(bytes_.data() + operation.at, from, to);
                from = next(to, end, true);
            }
        }
    }

    // The first example from `from` on that is active, or is not, or the end.
    int64_t next(int64_t from, int64_t end, bool active) const {
        while (from < end && (done_ == nullptr || done_[from] < 0) != active) {
            ++from;
        }
        return from;
    }

    // Where a run of active examples ends. Products of a few rows cost as much as those of eight: gaps are bridged while
    // they are no more than an eighth of the run.
    int64_t run_end(int64_t begin, int64_t end) const {
        int64_t gaps = 0;
        int64_t to = next(begin, end, false);
        for (;;) {
            const int64_t resumed = next(to, end, true);
            const int64_t stopped = next(resumed, end, false);
            gaps += resumed - to;
            if (resumed == end || 8 * gaps > stopped - begin) {
                return to;
            }
            to = stopped;
        }
    }

    const int64_t cache_;
    int64_t examples_ = 0;
    const int32_t* done_ = nullptr;
    int64_t cost_ = 0;
    std::vector<Operation> operations_;
    std::vector<std::byte> bytes_;
};

}  // namespace sp
