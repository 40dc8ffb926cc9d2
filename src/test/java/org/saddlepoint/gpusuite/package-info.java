/**
 * The GPU suite: on a machine with a GPU, the conformance tests and the attack and training benchmarks in one command. {@code
 * src/gpu-suite} packs it into one archive that runs on a bare machine.
 */
@NullMarked
package org.saddlepoint.gpusuite;

import org.jspecify.annotations.NullMarked;
