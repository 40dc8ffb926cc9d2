/**
 * Losses, computed from logits in log-space. A user's own loss is a {@link org.saddlepoint.loss.Loss} over the operation
 * set, or, shorter, a function of one example's logits: {@link org.saddlepoint.loss.Losses#perExample}.
 */
@NullMarked
package org.saddlepoint.loss;

import org.jspecify.annotations.NullMarked;
