/** The frame of every command line: errors in one line, exit codes, and options that all commands have. */
@NullMarked
package io.livepredict.cli;

import org.jspecify.annotations.NullMarked;
