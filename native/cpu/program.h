// Operations recorded instead of run, all of which treat every example for itself: a whole attack, say. Each thread then takes
// a range of examples through all of them with no barrier in between. Operations that read few weights go depth first: as
// many examples at a time as fit the core's cache go through a run of them; those that stream weights larger than that
// cache take all of the range at once, so that the weights come by once. No example's result depends on any of it.
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
        for (size_t first = 0; first < operations_.size();) {
            const bool streams = streams_weights(operations_[first]);
            size_t last = first;
            int64_t widest = 1;
            while (last < operations_.size() && streams_weights(operations_[last]) == streams) {
                widest = std::max(widest, operations_[last++].traffic.example);
            }
            const int64_t tile = streams ? end - begin : std::max<int64_t>(1, cache_ / 2 / widest);
            for (int64_t row = begin; row < end; row += tile) {
                run(first, last, row, std::min(end, row + tile));
            }
            first = last;
        }
    }

private:
    struct Operation {
        void (*call)(const std::byte* body, int64_t begin, int64_t end);
        size_t at;
        Traffic traffic;
    };

    bool streams_weights(const Operation& operation) const { return operation.traffic.shared > cache_ / 2; }

    // Of these examples, those that still need it, in runs.
    void run(size_t first, size_t last, int64_t begin, int64_t end) const {
        for (size_t i = first; i < last; ++i) {
            const Operation& operation = operations_[i];
            for (int64_t from = begin; from < end;) {
                int64_t to = from;
                while (to < end && active(to)) {
                    ++to;
                }
                if (to > from) {
                    operation.call(bytes_.data() + operation.at, from, to);
                }
                from = to + 1;
            }
        }
    }

    bool active(int64_t example) const { return done_ == nullptr || done_[example] < 0; }

    const int64_t cache_;
    int64_t examples_ = 0;
    const int32_t* done_ = nullptr;
    int64_t cost_ = 0;
    std::vector<Operation> operations_;
    std::vector<std::byte> bytes_;
};

}  // namespace sp
