/**
 * File formats: IDX, npz, safetensors; ONNX in {@code format.onnx}. Readers trust nothing: any malformed input gives a {@link
 * org.saddlepoint.format.MalformedFileException}, and what a file claims is checked against what it can hold before memory
 * is allocated for it. Writers go through {@link org.saddlepoint.format.AtomicFiles}.
 *
 * <p>Npz is read by code of our own: the format is a zip of one short header and raw values each, and the Java library for
 * it (org.jetbrains.bio:npy 0.3.5) neither reads float16 or scalars nor bounds memory by the file's length.
 */
@NullMarked
package org.saddlepoint.format;

import org.jspecify.annotations.NullMarked;
