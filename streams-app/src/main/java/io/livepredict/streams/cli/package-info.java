/** The command line. Start reading at {@link io.livepredict.streams.cli.Main}. */
@NullMarked
package io.livepredict.streams.cli;

import org.jspecify.annotations.NullMarked;
