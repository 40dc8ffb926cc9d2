// The table of one dispatch level.
#include "operations.h"

namespace sp::SP_LEVEL_NAMESPACE {

#define SP_ENTRY(name, Arguments) name,
const Kernels kernels = {SP_OPERATIONS(SP_ENTRY) fma_peak_flops};
#undef SP_ENTRY

}  // namespace sp::SP_LEVEL_NAMESPACE
