// The device behind the C functions: it shares an operation's units among the pool's threads, or keeps them for later. What
// the files calls_*.cpp have in common.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>

#include <unistd.h>

#include "operations.h"
#include "pool.h"
#include "program.h"

namespace sp {

inline int64_t second_level_cache() {
    const long found = sysconf(_SC_LEVEL2_CACHE_SIZE);
    return found > 0 ? found : 512 * 1024;
}

inline int64_t panels(int64_t columns) {
    return (columns + kPanel - 1) / kPanel;
}

inline int64_t blocks(int64_t length) {
    return (length + kBlock - 1) / kBlock;
}

// What an operation moves that reads and writes as many float32 values of an example, and no weights.
inline Traffic values(int64_t count) {
    return {count * static_cast<int64_t>(sizeof(float)), 0};
}

}  // namespace sp

// A device, or a recorder: one that shares a device's threads, and keeps operations on examples for later.
struct sp_device {
    sp_device(int32_t threads, int32_t chosen, const sp::Kernels& of_level)
        : owned(new sp::Pool(threads)), pool(*owned), level(chosen), kernels(of_level) {}
    explicit sp_device(sp_device& other)
        : pool(other.pool), level(other.level), kernels(other.kernels),
          program(new sp::Program(second_level_cache)) {}

    // cost: roughly the operations of one unit.
    template <class Arguments>
    int32_t run(void (*kernel)(const Arguments&, int64_t, int64_t), const Arguments& arguments, int64_t units,
                int64_t cost) {
        flush();
        pool.run(units, cost, [&](int64_t begin, int64_t end) { kernel(arguments, begin, end); });
        return SP_OK;
    }

    // Units that belong to examples, as many to each: units of one example depend on that example alone.
    template <class Arguments>
    int32_t rows(void (*kernel)(const Arguments&, int64_t, int64_t), Arguments arguments, int64_t units, int64_t cost,
                 sp::Traffic unit) {
        int32_t status = SP_OK;
        if (records(units)) {
            set_status(arguments, &failure);
            const int64_t each = units / program->examples();
            const auto body = [=](int64_t begin, int64_t end) { kernel(arguments, begin * each, end * each); };
            if (program->add(body, each * cost, {each * unit.example, unit.shared})) {
                return SP_OK;
            }
        }
        set_status(arguments, &status);
        run(kernel, arguments, units, cost);
        return status;
    }

    // Rows are examples, of images: the shape, which is the caller's, is copied into what is kept.
    template <class Arguments>
    int32_t images(void (*kernel)(const Arguments&, int64_t, int64_t), Arguments arguments, int64_t n, int64_t cost,
                   sp::Traffic example) {
        int32_t status = SP_OK;
        if (records(n)) {
            set_status(arguments, &failure);
            const auto body = [kernel, arguments, shape = *arguments.shape](int64_t begin, int64_t end) {
                Arguments own = arguments;
                own.shape = &shape;
                kernel(own, begin, end);
            };
            if (program->add(body, cost, example)) {
                return SP_OK;
            }
        }
        set_status(arguments, &status);
        run(kernel, arguments, n, cost);
        return status;
    }

    // Where a kernel says that memory has run out, if it can.
    template <class Arguments>
    static void set_status(Arguments& arguments, int32_t* status) {
        if constexpr (requires { arguments.status; }) {
            arguments.status = status;
        }
    }

    // The same for elements: body(begin, end) works on these.
    template <class Elements>
    int32_t elements(int64_t length, int64_t cost, int64_t bytes, const Elements& body) {
        if (records(length)) {
            const int64_t each = length / program->examples();
            const auto rows = [=](int64_t begin, int64_t end) { body(begin * each, end * each); };
            if (program->add(rows, each * cost, {each * bytes, 0})) {
                return SP_OK;
            }
        }
        flush();
        pool.run(sp::blocks(length), cost * sp::kBlock, [&](int64_t begin, int64_t end) {
            body(begin * sp::kBlock, std::min(length, end * sp::kBlock));
        });
        return SP_OK;
    }

    bool records(int64_t units) const {
        return program != nullptr && program->examples() > 0 && units % program->examples() == 0;
    }

    // Runs what has been recorded: nothing may overtake it.
    void flush() {
        if (program != nullptr && !program->empty()) {
            pool.run(program->examples(), program->cost(),
                     [&](int64_t begin, int64_t end) { program->run(begin, end); });
            program->clear();
        }
    }

    // Whether threads share a product's columns instead of its rows: where rows are too few to give every thread a full
    // register tile, or where weights overflow a core's cache, so that one thread alone has to fetch each of them.
    bool share_panels(int64_t n, int64_t in, int64_t out, int64_t columns) const {
        const bool few = program == nullptr && n < 8 * pool.threads();
        const bool large = in * out * static_cast<int64_t>(sizeof(float)) > second_level_cache;
        return (few || large) && sp::panels(columns) >= pool.threads();
    }

    // How many examples' own rows (input and origin, each layer's output and gradient) fill half of the
    // second-level cache: the weights stream through the rest.
    int64_t tile(int32_t layers, const sp_dense_layer* stack) const {
        int64_t floats = 2 * stack[0].in;
        for (int32_t i = 0; i < layers; ++i) {
            floats += 2 * stack[i].out;
        }
        const int64_t fitting = second_level_cache / 2 / (floats * static_cast<int64_t>(sizeof(float)));
        return std::clamp<int64_t>(fitting / 8 * 8, 8, 64);
    }

    const int64_t second_level_cache = sp::second_level_cache();
    const std::unique_ptr<sp::Pool> owned;
    sp::Pool& pool;
    const int32_t level;
    const sp::Kernels& kernels;
    const std::unique_ptr<sp::Program> program;
    int32_t failure = SP_OK;  // of a recorder: what an operation that was kept came to
};
