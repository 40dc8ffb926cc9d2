/** Standard workloads of adversarial training, timed against the machine's own ceiling. */
@NullMarked
package org.saddlepoint.bench;

import org.jspecify.annotations.NullMarked;
