/**
 * What readers see: JSON, tables, progress, metrics files, pictures. It knows results, not the command line that asked for
 * them.
 */
@NullMarked
package org.saddlepoint.report;

import org.jspecify.annotations.NullMarked;
