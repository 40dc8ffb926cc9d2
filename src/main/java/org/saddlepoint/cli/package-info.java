/**
 * The command line: options, checks, and what is printed. One class a command ({@code TrainCommand} is {@code saddlepoint
 * train}); groups of options that commands share are classes of their own. All arguments are checked before anything is
 * fetched or computed; {@link org.saddlepoint.cli.Main} says how the program exits.
 */
@NullMarked
package org.saddlepoint.cli;

import org.jspecify.annotations.NullMarked;
