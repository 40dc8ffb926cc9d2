/**
 * ONNX files, as graphs of named values: reading and writing alone, no meaning of any operator. The schema's classes
 * (org.tribuo:tribuo-util-onnx) and protobuf stay within this package.
 *
 * <p>The reader trusts nothing, as all of {@code format}: {@link org.saddlepoint.format.MalformedFileException} says in one
 * line what a file breaks. It holds the file in memory, and at most some hundred megabytes beside it.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/docs/IR.md">the format</a>
 */
@NullMarked
package org.saddlepoint.format.onnx;

import org.jspecify.annotations.NullMarked;
