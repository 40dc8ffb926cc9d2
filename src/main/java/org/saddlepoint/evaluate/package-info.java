/** Robustness evaluation: clean and robust accuracy, per attack and over all, per class, and over a list of radii. */
@NullMarked
package org.saddlepoint.evaluate;

import org.jspecify.annotations.NullMarked;
