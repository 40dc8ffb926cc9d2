/** Data sets: examples with pixels in [0,1] and labels, and where to get them. */
@NullMarked
package org.saddlepoint.data;

import org.jspecify.annotations.NullMarked;
