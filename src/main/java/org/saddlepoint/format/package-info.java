/** File formats: IDX, npz, safetensors. Readers trust nothing: any malformed input gives a MalformedFileException. */
@NullMarked
package org.saddlepoint.format;

import org.jspecify.annotations.NullMarked;
