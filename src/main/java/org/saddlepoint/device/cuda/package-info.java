/**
 * CUDA devices: the kernels of {@code kernels/}, compiled into one fat binary in the jar, launched through JCuda's driver
 * interface. This package is the only one that knows JCuda.
 *
 * <p>Four layers, each knowing those before it. {@code CudaDriver} owns a context and its two streams, and is the one place
 * that calls the driver: order, errors, counters ({@code CudaPlatform} asks what there is before any context,
 * {@code CudaNatives} brings JCuda's libraries in). {@code CudaArena}, {@code CudaBuffer} and {@code CudaTransfers} are
 * memory. {@code KernelModule}, {@code Kernel}, {@code Launch} and one launcher for each operation are kernels: a launcher
 * has the stem of its .cu file, and alone knows grid, block and preconditions. {@code CudaOperations} is the operation set
 * over them; {@code StepGraph}, {@code CudaCursor}, {@code CudaReadback} and {@code StreamedRows} serve trainings.
 * {@code CublasProducts} puts cuBLAS in the place of our float32 products, {@code CudnnConvolutions} cuDNN in that of our
 * float32 convolutions, for those who ask for it.
 *
 * <p>A device makes its context current in each thread that calls it, and leaves it so. It may be used from several
 * threads; their operations run in the order in which they arrive.
 *
 * <p>Debug switches: environment variables, or system properties of the same names.
 *
 * <table>
 * <caption>Switches; any value but 0 turns one on</caption>
 * <tr><th>switch<th>effect
 * <tr><td>{@code SADDLEPOINT_CUDA_SYNC}<td>waits for each kernel, so that an error names the one that failed; no step is
 *     recorded
 * <tr><td>{@code SADDLEPOINT_CUDA_POISON}<td>puts NaN behind each piece of fresh memory (its content stays zero, as
 *     promised), and into memory before it is freed
 * <tr><td>{@code SADDLEPOINT_CUDA_LOG}<td>logs each launch, with sizes and grid, at level INFO
 * </table>
 */
@NullMarked
package org.saddlepoint.device.cuda;

import org.jspecify.annotations.NullMarked;
