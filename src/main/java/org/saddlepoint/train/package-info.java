/**
 * Training: min over weights, max over inputs inside a threat model. {@link org.saddlepoint.train.Training} is the loop;
 * optimizer, schedule, attack and listeners are values handed to it. It does not know evaluation: a score is handed in.
 *
 * <p>Bits: a run is the same at any number of threads, replayed from its settings, and resumed from a
 * {@link org.saddlepoint.train.Checkpoint}.
 */
@NullMarked
package org.saddlepoint.train;

import org.jspecify.annotations.NullMarked;
