/**
 * The resource gate: what the CUDA compiler says of every kernel on every architecture, held against {@code
 * kernels/resources.tsv}. Needs nvcc, and no GPU.
 */
@NullMarked
package org.saddlepoint.kernels;

import org.jspecify.annotations.NullMarked;
