/**
 * The CPU device: the C++ library of {@code native/}, bound through java.lang.foreign in three layers. {@code CpuLibrary}
 * holds the raw method handles of {@code saddlepoint.h}, {@code CpuOperations} is the typed wrapper that checks sizes, and
 * {@code CpuDevice} owns the native handle. Memory is a {@link java.lang.foreign.MemorySegment} of a shared arena, so a
 * use after close is refused by the run-time itself.
 */
@NullMarked
package org.saddlepoint.device.cpu;

import org.jspecify.annotations.NullMarked;
