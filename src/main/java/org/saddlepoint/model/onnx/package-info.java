/**
 * Models from ONNX files and to them. {@link org.saddlepoint.model.onnx.Models} is the door.
 *
 * <p>Reading goes over a graph once, in order. Each of its values is a {@code Value}: a constant (shapes and their
 * arithmetic are folded), or data, which is a {@code Vertex} of the network so far under a view: how the values of an
 * example, in the network's own order (channels, rows, columns), lie on the axes that ONNX sees. Transpose, Reshape and
 * their kin change the view alone; a dense layer permutes its columns by it; everything else asks for the network's own
 * order. {@code Sequences} then makes layers and branches of the vertices.
 *
 * <p>A new operator is a method in one of the classes named {@code ...Operators}, and an entry in its table.
 */
@NullMarked
package org.saddlepoint.model.onnx;

import org.jspecify.annotations.NullMarked;
