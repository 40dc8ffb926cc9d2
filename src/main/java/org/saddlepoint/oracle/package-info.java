/**
 * Black boxes: an {@link org.saddlepoint.oracle.Oracle} answers questions about inputs with logits or labels, and counts them.
 * {@link org.saddlepoint.oracle.OnnxRuntimeOracle} makes one of an ONNX file. Attacks meet it as a
 * {@link org.saddlepoint.model.Victim}; their state stays on a device.
 */
@NullMarked
package org.saddlepoint.oracle;

import org.jspecify.annotations.NullMarked;
