/**
 * Models as values, and models bound to a device. A {@link org.saddlepoint.model.Model} is a list of layers without
 * weights; a {@link org.saddlepoint.model.Classifier} is a model with parameters on a device; a
 * {@link org.saddlepoint.model.BoundModel} is a classifier's weights with the activations of one batch size planned: it
 * runs forward, input gradient, weight gradient, and {@code iterate}, the seam where a device may fuse a whole attack.
 *
 * <p>A new layer is a record in {@link org.saddlepoint.model.Layer} and a class beside {@code BoundDense}.
 */
@NullMarked
package org.saddlepoint.model;

import org.jspecify.annotations.NullMarked;
