// Working memory of the calling thread.
#pragma once

#include <cstdint>

namespace sp {

// At least `bytes` bytes on a cache line's boundary, of any content, until this thread's next call; NULL where there is no
// more memory. Grows to the largest that was asked for, so that repeated work allocates nothing.
void* scratch(int64_t bytes);

}  // namespace sp
